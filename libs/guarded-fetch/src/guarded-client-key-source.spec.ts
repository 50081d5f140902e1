import { StoppedClock } from '@gatehouse/protocol/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GuardedClientKeySource } from './guarded-client-key-source.js';
import { GuardedFetch } from './guarded-fetch.js';

const KEYS = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA' }] };
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** What a client publishes at a host of its own, fetched as in development, where loopback counts as a host. */
async function loaded(listener: RequestListener, loopbackFor?: string): Promise<unknown> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fetch = new GuardedFetch({ clock: new StoppedClock(), ...(loopbackFor === undefined ? {} : { loopbackFor }) });
  return new GuardedClientKeySource(fetch).load(`http://127.0.0.1:${String(port)}/jwks`);
}
const DEVELOPMENT = 'http://127.0.0.1:4000';

describe('the key set of a client', () => {
  it('is what its host answers, whatever it calls the type', async () => {
    const answer: RequestListener = (_, response) => {
      response.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify(KEYS));
    };
    expect(await loaded(answer, DEVELOPMENT)).toEqual(KEYS);
  });

  it.each<[string, RequestListener]>([
    ['a redirect', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end('{}')],
    ['an error', (_, response) => response.writeHead(500).end(JSON.stringify(KEYS))],
    ['a page', (_, response) => response.end('<html>')],
    ['more than any client needs', (_, response) => response.end(JSON.stringify({ keys: 'x'.repeat(40_000) }))],
  ])('is not had from %s', async (_what, answer) => {
    expect(await loaded(answer, DEVELOPMENT)).toBeUndefined();
  });

  it('is not had from this machine or network, whatever a client registers', async () => {
    let asked = 0;
    const answer: RequestListener = (_, response) => {
      asked += 1;
      response.end(JSON.stringify(KEYS));
    };
    expect(await loaded(answer)).toBeUndefined();
    expect(asked).toBe(0);
  });
});
