/** What is measured: a server, and what a client does to it. */
import { randomBytes } from 'node:crypto';
import { type Answer, Connection, headerOf } from './connection.ts';

export const RESOURCE = 'https://mcp.bench.example/mcp';
export const REDIRECT = 'https://client.bench.example/callback';
export const SCOPE = 'bench:read bench:write';
export const VERIFIER = randomBytes(32).toString('base64url');

export const OPERATIONS = ['client_credentials', 'introspect_first', 'introspect', 'refresh', 'code'] as const;
export type OperationName = (typeof OPERATIONS)[number];

export interface Target {
  readonly name: string;
  /** The server process. */
  readonly pid: number;
  readonly origin: string;
  /** For pg_stat_statements. */
  readonly database: string;
  readonly paths: { readonly token: string; readonly introspect: string; readonly authorize: string };
  /** Query of an authorization request, but for its state. */
  readonly authorization: string;
  /** Authorization header lines of the client, and of whoever introspects. */
  readonly client: string;
  readonly resourceServer: string;
  /** A Cookie header line for each person who is signed in and has agreed. */
  readonly cookies: readonly string[];
  /** More parameters with which client_credentials gives a token that introspection reads. */
  readonly introspectable: string;
  stop(): Promise<void>;
}

export const basicHeader = (id: string, secret: string): string =>
  `authorization: Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}\r\n`;

/** What one of the parallel clients knows. */
export interface Worker {
  readonly connection: Connection;
  readonly cookies: string;
  refreshToken: string;
}

export async function workersOf(target: Target, count: number): Promise<readonly Worker[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const connection = await Connection.open(target.origin);
      const worker = {
        connection,
        cookies: target.cookies[index % target.cookies.length] ?? '',
        refreshToken: '',
      };
      worker.refreshToken = (await redeem(target, connection, await authorize(target, worker))).refresh_token;
      return worker;
    }),
  );
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** The redirects up to the one that carries the code. */
export async function authorize(target: Target, { connection, cookies }: Pick<Worker, 'connection' | 'cookies'>) {
  let path = `${target.paths.authorize}?${target.authorization}&state=${randomBytes(8).toString('hex')}`;
  for (let hop = 0; hop < 5; hop += 1) {
    const { status, head, body } = await connection.get(path, cookies);
    const location = headerOf(head, 'location');
    if (location === undefined)
      throw new Error(`${target.name} answered ${String(status)} instead of a redirect: ${textOf(body)}`);
    const code = /[?&]code=([^&]+)/.exec(location)?.[1];
    if (code !== undefined) return code;
    path = location.startsWith(target.origin) ? location.slice(target.origin.length) : location;
    if (!path.startsWith('/')) throw new Error(`${target.name} gave no code: ${location}`);
  }
  throw new Error(`${target.name} redirects without end`);
}

const textOf = (html: string): string =>
  html
    .replace(/<style.*?<\/style>|<[^>]*>/gs, ' ')
    .replace(/\s+/g, ' ')
    .slice(0, 300);

export const redemption = (code: string): string =>
  `grant_type=authorization_code&code=${code}&code_verifier=${VERIFIER}&redirect_uri=${encodeURIComponent(REDIRECT)}`;

export async function redeem(target: Target, connection: Connection, code: string): Promise<Tokens> {
  return tokensOf(target, await connection.post(target.paths.token, redemption(code), target.client));
}

export function tokensOf(target: Target, { status, body }: Answer): Tokens {
  if (status !== 200) throw new Error(`${target.name} refused: ${String(status)} ${body.slice(0, 200)}`);
  return JSON.parse(body) as Tokens;
}
