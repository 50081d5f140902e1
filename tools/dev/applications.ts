/**
 * The applications of the development stack: with which settings each is started, what is run before, and who is who
 * in the demo company. Nothing here is used in production.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { WORKSPACE } from '../build/bundle.ts';
import type { StackSecrets } from './secrets.ts';

export const APPLICATIONS = ['auth-server', 'resource-server', 'worker'] as const;
export type Application = (typeof APPLICATIONS)[number];
export type Environment = Readonly<Record<string, string>>;

export interface Places {
  readonly issuer: string;
  readonly resourceServer: string;
  readonly authPort: number;
  readonly resourcePort: number;
  readonly metricsPorts: Readonly<Record<Application, number>>;
  readonly database: string;
  readonly queue: string;
}

export const RESOURCE_SERVER_ID = 'demo-resource-server';
const HOST = '127.0.0.1';

export function environments(places: Places, secrets: StackSecrets): Readonly<Record<Application, Environment>> {
  const metrics = (app: Application): Environment => ({ HOST, METRICS_PORT: String(places.metricsPorts[app]) });
  return {
    'auth-server': {
      ...metrics('auth-server'),
      ISSUER: places.issuer,
      PORT: String(places.authPort),
      DATABASE_URL: places.database,
      KEY_ENCRYPTION_KEY_FILE: secrets.keyEncryptionKeyFile,
      CLIENT_DOCUMENTS_FROM_LOOPBACK: 'on',
      PROVIDERS_FROM_LOOPBACK: 'on',
    },
    'resource-server': {
      ...metrics('resource-server'),
      ISSUER: places.issuer,
      PUBLIC_URL: places.resourceServer,
      PORT: String(places.resourcePort),
      RESOURCE_SERVER_ID,
      RESOURCE_SERVER_SECRET_FILE: secrets.resourceServerSecretFile,
      // The demo's tools cost nothing, and people measure it.
      TOOL_CALL_LIMIT: '10000000/60',
    },
    worker: {
      ...metrics('worker'),
      ISSUER: places.issuer,
      DATABASE_URL: places.database,
      QUEUE_URL: places.queue,
      LOGOUT_TO_LOOPBACK: 'on',
      KEY_ENCRYPTION_KEY_FILE: secrets.keyEncryptionKeyFile,
    },
  };
}

export function healthOf(app: Application, places: Places): string {
  const base = {
    'auth-server': places.issuer,
    'resource-server': places.resourceServer,
    worker: `http://${HOST}:${String(places.metricsPorts.worker)}`,
  }[app];
  return `${base}/health/ready`;
}

interface ResourceDescriptor {
  readonly identifier: string;
  readonly scopes: readonly { readonly name: string }[];
}

/** Two people with different rights: anna may do everything, administration included, ben may read and submit. */
export function demoAccounts(resources: readonly ResourceDescriptor[], issuer: string, secrets: StackSecrets) {
  const administration = { [`${issuer}/admin`]: ['clients:read', 'clients:write'] };
  const scopesOf = (resource: ResourceDescriptor): string[] => resource.scopes.map(({ name }) => name);
  const entitle = (may: (scope: string) => boolean): Record<string, string[]> =>
    Object.fromEntries(resources.map((resource) => [resource.identifier, scopesOf(resource).filter(may)]));
  return [
    {
      username: 'anna',
      displayName: 'Anna Berg',
      email: { address: 'anna@example.com', verified: true },
      entitlements: { ...entitle(() => true), ...administration },
    },
    {
      username: 'ben',
      displayName: 'Ben Okafor',
      email: { address: 'ben@example.com', verified: false },
      entitlements: entitle((scope) => /:(read|submit)$/.test(scope)),
    },
  ].map((account) => ({ ...account, password: secrets.password(account.username) }));
}

export const entryOf = (app: Application, name: string): string => join(WORKSPACE, 'dist/apps', app, `${name}.js`);

/**
 * Runs a command of an application to its end, with `input` on its standard input; resolves with its output.
 * @throws Error with what it wrote when it fails
 */
export async function runCommand(
  app: Application,
  name: 'migrate' | 'seed' | 'describe' | 'clients',
  environment: NodeJS.ProcessEnv,
  input = '',
  args: readonly string[] = [],
): Promise<string> {
  const child = spawn(process.execPath, ['--enable-source-maps', entryOf(app, name), ...args], {
    cwd: WORKSPACE,
    env: environment,
    // Ctrl-C is ours to handle: a migration is not cut off in the middle.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('close', (code, signal) => {
      resolve(code === 0 ? undefined : (signal ?? `exit code ${String(code)}`));
    });
  });
  child.stdin.on('error', () => undefined).end(input);
  const [problem, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (problem !== undefined) throw new Error(`${name} of ${app} failed (${problem}):\n${errors || output}`.trimEnd());
  return output;
}

export async function describeResources(environment: NodeJS.ProcessEnv): Promise<readonly ResourceDescriptor[]> {
  const output = await runCommand('resource-server', 'describe', environment);
  return JSON.parse(output) as readonly ResourceDescriptor[];
}
