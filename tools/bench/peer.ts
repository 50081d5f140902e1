/** The peer as a target. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { WORKSPACE } from '../build/bundle.ts';
import { freePort } from '../dev/ports.ts';
import { Browser } from './browser.ts';
import { PEER_TABLE } from './peer-adapter.ts';
import { OPAQUE_RESOURCE, type PeerOptions } from './peer-server.ts';
import { startServer, stopServer, untilAnswering } from './processes.ts';
import { basicHeader, type Target } from './target.ts';

export async function startPeer(input: {
  readonly url: string;
  readonly database: string;
  readonly log: string;
  readonly people: number;
  readonly poolSize: number;
  /** Query of an authorization request, but for client and state. */
  readonly authorization: string;
}): Promise<Target> {
  const client = new pg.Client({ connectionString: input.url });
  await client.connect();
  await client.query(PEER_TABLE);
  await client.end();
  const port = await freePort();
  const origin = `http://127.0.0.1:${String(port)}`;
  const options: PeerOptions = {
    issuer: origin,
    port,
    database: input.url,
    poolSize: input.poolSize,
    clientId: 'bench',
    clientSecret: randomBytes(32).toString('base64url'),
  };
  const child = startServer([join(WORKSPACE, 'tools/bench/peer-server.ts'), JSON.stringify(options)], input);
  await untilAnswering(`${origin}/.well-known/openid-configuration`, child);
  const authorization = `${input.authorization}&client_id=${options.clientId}`;
  const cookies = await Promise.all(
    Array.from({ length: input.people }, async () => {
      const browser = new Browser(origin);
      await browser.get(`/auth?${authorization}&state=first`);
      return browser.cookies;
    }),
  );
  const header = basicHeader(options.clientId, options.clientSecret);
  return {
    name: 'oidc-provider',
    pid: child.pid ?? 0,
    origin,
    database: input.database,
    paths: { token: '/token', introspect: '/token/introspection', authorize: '/auth' },
    authorization,
    client: header,
    resourceServer: header,
    cookies,
    introspectable: `&resource=${encodeURIComponent(OPAQUE_RESOURCE)}`,
    stop: () => stopServer(child),
  };
}
