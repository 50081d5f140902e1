import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The listener of a native client on 127.0.0.1, where the browser brings the authorization responses. */
export interface LoopbackCallback {
  readonly redirectUri: string;
  /** URL of the next callback that nobody has waited for yet. Rejects after `seconds`. */
  wait(seconds: number): Promise<string>;
  close(): Promise<void>;
}

export async function listenForCallback(path = '/callback'): Promise<LoopbackCallback> {
  const arrived: string[] = [];
  let wake: () => void = () => undefined;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', redirectUri);
    const mine = url.pathname === path && (url.searchParams.has('code') || url.searchParams.has('error'));
    response.writeHead(mine ? 200 : 404, { 'content-type': 'text/plain', connection: 'close' });
    response.end(mine ? 'Done. You can close this window and go back to the terminal.\n' : 'Nothing here.\n');
    if (!mine) return;
    arrived.push(url.href);
    wake();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const redirectUri = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}${path}`;
  return {
    redirectUri,
    async wait(seconds) {
      const until = Date.now() + seconds * 1000;
      for (;;) {
        const first = arrived.shift();
        if (first !== undefined) return first;
        const left = until - Date.now();
        if (left <= 0) throw new Error(`nobody came back to ${redirectUri} within ${seconds} seconds`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
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
