import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The listener of a native client on 127.0.0.1, where the browser brings the authorization response. */
export interface LoopbackCallback {
  readonly redirectUri: string;
  /** The first callback's URL. Rejects after `seconds`. */
  wait(seconds: number): Promise<string>;
  close(): Promise<void>;
}

export async function listenForCallback(path = '/callback', port = 0): Promise<LoopbackCallback> {
  let arrived: (url: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => {
    arrived = resolve;
  });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', redirectUri);
    const mine = url.pathname === path && (url.searchParams.has('code') || url.searchParams.has('error'));
    response.writeHead(mine ? 200 : 404, { 'content-type': 'text/plain', connection: 'close' });
    response.end(mine ? 'Done. You can close this window and go back to the terminal.\n' : 'Nothing here.\n');
    if (mine) arrived(url.href);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const redirectUri = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}${path}`;
  return {
    redirectUri,
    wait: (seconds) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(new Error(`nobody came back to ${redirectUri} within ${seconds} seconds`));
        }, seconds * 1000);
      });
      return Promise.race([first, late]).finally(() => {
        clearTimeout(timer);
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
