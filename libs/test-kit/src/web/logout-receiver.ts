import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pause } from '../stack/replica.js';
import { selfSigned } from './self-signed.js';

/** A client's own endpoint for logout tokens, on this machine, with a certificate nobody vouches for. */
export interface LogoutReceiver {
  readonly uri: string;
  /** What was posted, oldest first. */
  readonly tokens: readonly string[];
  /** Answers from now on with this status, and this address if it is a redirect. */
  answer(status: number, location?: string): void;
  /** @throws Error when they have not come in `seconds` */
  waitFor(count: number, seconds?: number): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function startLogoutReceiver(): Promise<LogoutReceiver> {
  const tokens: string[] = [];
  let status = 200;
  let headers: Record<string, string> = {};
  const server = createServer(selfSigned(), (request, response) => {
    void text(request).then((body) => {
      tokens.push(new URLSearchParams(body).get('logout_token') ?? '');
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    uri: `https://127.0.0.1:${(server.address() as AddressInfo).port}/backchannel`,
    tokens,
    answer(newStatus, location) {
      status = newStatus;
      headers = location === undefined ? {} : { location };
    },
    async waitFor(count, seconds = 20) {
      for (let waited = 0; tokens.length < count && waited < seconds * 10; waited += 1) await pause(100);
      if (tokens.length < count) throw new Error(`${tokens.length} of ${count} logout tokens came in ${seconds} s`);
      return tokens;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
