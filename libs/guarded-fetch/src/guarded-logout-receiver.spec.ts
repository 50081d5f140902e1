import { selfSigned } from '@gatehouse/test-kit';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { GuardedFetch } from './guarded-fetch.js';
import { GuardedLogoutReceiver } from './guarded-logout-receiver.js';

describe('logout tokens by guarded fetch', () => {
  const asked: { readonly line: string; readonly type: string | undefined; readonly body: string }[] = [];
  let server: Server;
  let origin: string;
  beforeAll(async () => {
    server = createServer(selfSigned(), (request, response) => {
      void text(request).then((body) => {
        const { method = '', url = '', headers } = request;
        asked.push({ line: `${method} ${url}`, type: headers['content-type'], body });
        const status = Number(url.slice(1));
        response.writeHead(status, status === 302 ? { location: `${origin}/200` } : {}).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    asked.length = 0;
  });

  const clock = new StoppedClock();
  const receiver = (loopbackFor = 'http://localhost') =>
    new GuardedLogoutReceiver(new GuardedFetch({ clock, loopbackFor }));

  it('are posted as a form, and delivered when the client says so', async () => {
    expect(await receiver().deliver(`${origin}/200`, 'a.b+c.d')).toBe('delivered');
    expect(await receiver().deliver(`${origin}/204`, 'a.b.c')).toBe('delivered');
    const type = 'application/x-www-form-urlencoded';
    expect(asked).toEqual([
      { line: 'POST /200', type, body: 'logout_token=a.b%2Bc.d' },
      { line: 'POST /204', type, body: 'logout_token=a.b.c' },
    ]);
  });

  it('are refused by any other answer, and a redirect leads nowhere', async () => {
    for (const status of [302, 400, 404, 500, 501])
      expect(await receiver().deliver(`${origin}/${status}`, 'a.b.c')).toBe('refused');
    expect(asked.map(({ line }) => line)).not.toContain('POST /200');
    expect(asked).toHaveLength(5);
  });

  it('never reach an address inside, whatever a client registered', async () => {
    const production = receiver('https://auth.example.com');
    for (const uri of [
      `${origin}/200`,
      'https://10.0.0.1/out',
      'https://169.254.169.254/latest/meta-data',
      'https://[::ffff:127.0.0.1]/out',
      'https://2130706433/out',
      'http://app.example/out',
    ])
      expect(await production.deliver(uri, 'a.b.c')).toBe('unreachable');
    expect(asked).toEqual([]);
  });

  it('leave a receiver alone for a while that could not be reached', async () => {
    const patient = receiver();
    expect(await patient.deliver('https://127.0.0.1:1/out', 'a.b.c')).toBe('unreachable');
    expect(await patient.deliver('https://127.0.0.1:1/out', 'a.b.c')).toBe('not_now');
  });
});
