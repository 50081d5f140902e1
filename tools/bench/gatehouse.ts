/** This authorization server as a target: the product's build with everything on, filled by its own commands. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryOf, runCommand } from '../dev/applications.ts';
import { buildStale } from '../dev/builds.ts';
import { freePorts } from '../dev/ports.ts';
import { Browser } from './browser.ts';
import { startServer, stopServer, untilAnswering } from './processes.ts';
import { basicHeader, REDIRECT, RESOURCE, SCOPE, type Target } from './target.ts';

const RESOURCE_SERVER = { id: 'bench-resource-server', secret: randomBytes(32).toString('base64url') };
const CLIENT_ID = 'bench-client';
/** Counted like any other, and never reached. */
const NO_LIMIT = '999999999/60';

export interface Gatehouse extends Target {
  /** Another server process of the same issuer and database, not pinned to be measured: where it listens. */
  startSecond(): Promise<{ readonly origin: string; stop(): Promise<void> }>;
}

export async function startGatehouse(input: {
  readonly url: string;
  readonly database: string;
  readonly dir: string;
  readonly people: number;
  readonly poolSize: number;
  readonly authorization: string;
  /** Folder for a profile of the server, written at its end. */
  readonly profile?: string | undefined;
}): Promise<Gatehouse> {
  await buildStale(['auth-server']);
  const [port = 0, second = 0, ...metrics] = await freePorts(4);
  const issuer = `http://127.0.0.1:${String(port)}`;
  const keyFile = join(input.dir, 'keys');
  writeFileSync(keyFile, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  const environmentAt = (at: number, metricsPort = 0): Record<string, string> => ({
    ISSUER: issuer,
    PORT: String(at),
    DATABASE_URL: input.url,
    DATABASE_POOL_SIZE: String(input.poolSize),
    KEY_ENCRYPTION_KEY_FILE: keyFile,
    METRICS_PORT: String(metricsPort),
    AUTHORIZATION_LIMIT_PER_NETWORK: NO_LIMIT,
    TOKEN_LIMIT: NO_LIMIT,
  });
  const environment = environmentAt(port, metrics[0]);
  const people = Array.from({ length: input.people }, (_, index) => ({
    username: `person${String(index)}`,
    password: randomBytes(16).toString('base64url'),
  }));
  const secret = await prepare(environment, people);

  const start = async (settings: Record<string, string>, flags: readonly string[]) => {
    const log = join(input.dir, `auth-server-${settings['PORT'] ?? ''}.log`);
    const child = startServer([...flags, '--enable-source-maps', entryOf('auth-server', 'main')], {
      environment: settings,
      log,
    });
    await untilAnswering(`http://127.0.0.1:${settings['PORT'] ?? ''}/health/ready`, child);
    return child;
  };
  const flags =
    input.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', input.profile];
  const child = await start(environment, flags);
  const authorization = `${input.authorization}&client_id=${CLIENT_ID}`;
  const cookies: string[] = [];
  for (const person of people) cookies.push(await signIn(issuer, authorization, person));
  return {
    name: 'gatehouse',
    pid: child.pid ?? 0,
    origin: issuer,
    database: input.database,
    paths: { token: '/token', introspect: '/introspect', authorize: '/authorize' },
    authorization,
    client: basicHeader(CLIENT_ID, secret),
    resourceServer: basicHeader(RESOURCE_SERVER.id, RESOURCE_SERVER.secret),
    cookies,
    introspectable: '',
    stop: () => stopServer(child),
    startSecond: async () => {
      const other = await start(environmentAt(second, metrics[1]), []);
      return { origin: `http://127.0.0.1:${String(second)}`, stop: () => stopServer(other) };
    },
  };
}

/** @returns the client's secret */
async function prepare(
  environment: Readonly<Record<string, string>>,
  people: readonly { readonly username: string; readonly password: string }[],
): Promise<string> {
  const all = { PATH: process.env['PATH'], ...environment };
  const scopes = SCOPE.split(' ');
  await runCommand('auth-server', 'migrate', all);
  const seed = {
    resources: [
      {
        identifier: RESOURCE,
        name: 'Bench',
        scopes: scopes.map((name) => ({ name, description: name })),
        defaultScopes: scopes,
      },
    ],
    resourceServer: RESOURCE_SERVER,
    accounts: people.map((person) => ({
      ...person,
      displayName: person.username,
      entitlements: { [RESOURCE]: scopes },
    })),
  };
  await runCommand('auth-server', 'seed', all, JSON.stringify(seed));
  const client = {
    client_id: CLIENT_ID,
    client_name: 'Bench',
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: [REDIRECT],
    scopes,
  };
  const answer = await runCommand('auth-server', 'clients', all, JSON.stringify({ clients: [client] }), [
    'apply',
    '-',
    '--json',
  ]);
  const [{ client_secret: secret = '' } = {}] = JSON.parse(answer) as readonly { readonly client_secret?: string }[];
  if (secret === '') throw new Error('the client got no secret');
  return secret;
}

/** @returns the cookies of a browser whose person has agreed, so that the next request needs no page */
async function signIn(
  issuer: string,
  authorization: string,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<string> {
  const browser = new Browser(issuer);
  const page = await browser.get(`/authorize?${authorization}&state=first`);
  const consent = await browser.submit(page, 'sign-in', { username, password });
  const answer = await browser.submit(consent, 'consent', { decision: 'approve' });
  if (answer.location === undefined) throw new Error('a person who agreed was not sent back');
  return browser.cookies;
}
