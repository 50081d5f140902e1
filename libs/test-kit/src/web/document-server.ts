import { selfSigned } from './self-signed.js';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A client's own web server, on this machine, with a certificate nobody vouches for. */
export interface DocumentServer {
  readonly origin: string;
  /** Paths that were asked for, oldest first. */
  readonly asked: string[];
  /** Publishes a document under `path`, with its own address as `client_id`; the id. */
  publish(path: string, document?: object, headers?: Readonly<Record<string, string>>): string;
  close(): Promise<void>;
}

export async function startDocumentServer(): Promise<DocumentServer> {
  const asked: string[] = [];
  const pages = new Map<string, { readonly body: string; readonly headers: Readonly<Record<string, string>> }>();
  const server = createServer(selfSigned(), ({ url = '' }, response) => {
    asked.push(url);
    const page = pages.get(url);
    if (page) response.writeHead(200, { 'content-type': 'application/json', ...page.headers }).end(page.body);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    asked,
    publish(path, document = {}, headers = {}) {
      const id = origin + path;
      const standard = {
        client_id: id,
        client_name: 'Self-described assistant',
        client_uri: origin,
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      };
      pages.set(path, { body: JSON.stringify({ ...standard, ...document }), headers });
      return id;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
