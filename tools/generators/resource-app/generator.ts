/**
 * `npx nx g @gatehouse/tools:resource-app <name>`: a protected MCP app that starts, with one resource and one tool to begin
 * from. Loaded by Nx with Node's type stripping, so this file holds erasable syntax only.
 */
import { join } from 'node:path';
import { addProjectConfiguration, formatFiles, generateFiles, getProjects, names, type Tree } from '@nx/devkit';

export interface ResourceAppOptions {
  readonly name: string;
  readonly port?: number;
}

/** What the workspace uses already, so that two apps can run beside each other. */
const FIRST_PORT = 4200;

/** @throws Error when a project of that name exists, or the name would not do */
export default async function resourceApp(tree: Tree, options: ResourceAppOptions): Promise<() => void> {
  const { name, port = FIRST_PORT } = options;
  // The schema says the same, but only to those who come by the command line. The name becomes a path and a scope.
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new Error(`Not a name for an app: ${name} (kebab case, please).`);
  if (getProjects(tree).has(name) || tree.exists(`apps/${name}`))
    throw new Error(`A project named ${name} exists already.`);
  const root = `apps/${name}`;
  addProjectConfiguration(tree, name, {
    root,
    projectType: 'application',
    sourceRoot: `${root}/src`,
    // What keeps it from ever importing the authorization server.
    tags: ['layer:app', 'side:rs'],
    targets: { typecheck: {}, test: {}, build: {} },
  });
  const { className, propertyName } = names(name);
  generateFiles(tree, join(import.meta.dirname, 'files'), root, {
    name,
    className,
    propertyName,
    title: className.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' '),
    tool: name.replaceAll('-', '_'),
    port,
    tmpl: '',
  });
  await formatFiles(tree);
  return () => {
    process.stdout.write(`
${root} is there. What is next:
  npx nx test ${name}
  npx nx build ${name}
  node dist/${root}/describe.js     what the authorization server must know of it: give it to seed
  node dist/${root}/main.js         listens on port ${port}; settings are in docs/configuration.md
`);
  };
}
