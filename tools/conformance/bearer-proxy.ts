/**
 * The conformance program brings no access token for server scenarios. This stands between: it adds the token, and turns
 * its own address in Host and Origin into the server's. A foreign Host or Origin passes untouched, for those are tests.
 */
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BearerProxy {
  /** The server's URL as seen through the proxy. */
  readonly url: string;
  close(): Promise<void>;
}

export async function startBearerProxy(serverUrl: string, accessToken: string): Promise<BearerProxy> {
  const target = new URL(serverUrl);
  let own = '';
  const headersFor = (headers: IncomingHttpHeaders): IncomingHttpHeaders => ({
    ...headers,
    host: headers.host === own ? target.host : headers.host,
    ...(headers.origin === `http://${own}` ? { origin: target.origin } : {}),
    authorization: `Bearer ${accessToken}`,
  });
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const upstream = request(
      { host: target.hostname, port: target.port, method, path: url, headers: headersFor(headers) },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    upstream.once('error', () => outgoing.destroy());
    outgoing.once('close', () => upstream.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  own = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url: `http://${own}${target.pathname}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
