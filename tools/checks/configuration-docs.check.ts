/**
 * docs/configuration.md, made from the settings that each config.ts of apps/ declares: the same declaration that reads the
 * environment. `--write` writes it; without, the check fails when it is not current.
 */
import { globSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, WORKSPACE } from '../build/bundle.ts';
import { generatedDocument } from './generated-document.ts';

/** As libs/platform describes a setting. */
interface SettingDescription {
  readonly name: string;
  readonly description: string;
  readonly default?: string;
  readonly optional: boolean;
  readonly secret: boolean;
}
type Describe = (definition: unknown) => readonly SettingDescription[];

const INTRODUCTION = `# Configuration

<!-- Made by tools/checks/configuration-docs.check.ts from apps/*/src/config.ts. Do not edit. -->

Every application reads the environment once, at its start, and refuses to start while anything is wrong with it; all
problems are reported at once. A variable that is empty counts as not set. A **secret** belongs in your secret store: its
value appears in no log and in no error. Instead of the variable you may set the same name with \`_FILE\` behind it, to a file
that only the app's user may read.
`;

const COMMANDS = `## Development commands

What \`npm start\` and \`npm test\` read besides. Settings of the applications above pass through \`npm start\`, but for
addresses, ports, and what it makes itself.

| Variable | Default | Meaning |
| --- | --- | --- |
| \`GATEHOUSE_AUTH_PORT\` | \`4000\` | Port of the authorization server |
| \`GATEHOUSE_RESOURCE_PORT\` | \`4100\` | Port of the resource server |
| \`GATEHOUSE_POSTGRES_PORT\` | any free one | Port of the PostgreSQL that is started |
| \`DATABASE_URL\` | | PostgreSQL of your own for \`npm start\`, in place of the one that is started |
| \`QUEUE_URL\` | the database | Where the job queues live: PostgreSQL, Redis or Valkey |
| \`TEST_DATABASE_URL\` | | PostgreSQL of your own for \`npm test\`, as a superuser; each test makes its own database |
| \`REDIS_URL\` | | Redis for \`npm test\`; otherwise a \`redis-server\` on the PATH is started |
| \`PG_BIN_DIR\` | | Folder of the PostgreSQL programs to start, in place of those from npm |
| \`CHROMIUM_PATH\` | | Chromium for the tests and the demo in a real browser |
`;

function section(app: string, settings: readonly SettingDescription[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = settings.map((setting) => {
    const fallback =
      setting.default === undefined ? (setting.optional ? '' : '**must be set**') : `\`${setting.default}\``;
    const meaning = setting.secret ? `${setting.description} (**secret**)` : setting.description;
    return `| \`${setting.name}\` | ${cell(fallback)} | ${cell(meaning)} |`;
  });
  return `## ${app}\n\n| Variable | Default | Meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

const apps = globSync('apps/*/src/config.ts', { cwd: WORKSPACE })
  .map((file) => ({ name: file.split(/[/\\]/)[1] ?? '', file: join(WORKSPACE, file) }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

// Inside the workspace, so that what is not bundled is found in node_modules.
const out = join(WORKSPACE, 'dist', `configuration-docs-${String(process.pid)}`);
try {
  await bundle(
    {
      platform: join(WORKSPACE, 'libs/platform/src/index.ts'),
      ...Object.fromEntries(apps.map(({ name, file }) => [name, file])),
    },
    out,
  );
  const load = (name: string): Promise<Record<string, unknown>> =>
    import(pathToFileURL(join(out, `${name}.js`)).href) as Promise<Record<string, unknown>>;
  const describe = (await load('platform'))['describeConfiguration'] as Describe;
  const sections: string[] = [];
  let count = 0;
  for (const { name } of apps) {
    const { configuration } = await load(name);
    if (configuration === undefined) throw new Error(`apps/${name}/src/config.ts does not export \`configuration\``);
    const settings = describe(configuration);
    count += settings.length;
    sections.push(section(name, settings));
  }
  await generatedDocument(
    'docs/configuration.md',
    [INTRODUCTION, ...sections, COMMANDS].join('\n'),
    `${count} settings of ${apps.length} applications`,
  );
} finally {
  await rm(out, { recursive: true, force: true });
}
