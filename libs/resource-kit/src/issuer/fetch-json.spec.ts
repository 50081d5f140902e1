import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fetchJson } from './fetch-json.js';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  const closing = server;
  if (closing) await new Promise((resolve) => closing.close(resolve));
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('what the issuer answers', () => {
  it('is read as JSON', async () => {
    const url = await serve((_, response) => response.end('{"a":1}'));
    expect(await fetchJson(url)).toEqual({ a: 1 });
  });

  it.each<[string, RequestListener]>([
    ['a redirect', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
    ['an error', (_, response) => response.writeHead(500).end('{}')],
    ['a page', (_, response) => response.end('<html>')],
    ['too much', (_, response) => response.end(`"${'x'.repeat(300_000)}"`)],
    ['an end without end', (request) => request.socket.destroy()],
  ])('is refused when it is %s', async (_, listener) => {
    await expect(fetchJson(await serve(listener))).rejects.toThrow();
  });
});
