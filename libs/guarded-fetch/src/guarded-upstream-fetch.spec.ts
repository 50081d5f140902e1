import { SsoProblem } from '@gatehouse/identity';
import { SystemClock } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GuardedFetch } from './guarded-fetch.js';
import { GuardedUpstreamFetch } from './guarded-upstream-fetch.js';
import { isInternalAddress } from './special-addresses.js';

describe('GuardedUpstreamFetch', () => {
  let server: Server;
  let origin: string;
  let came: { headers: IncomingHttpHeaders; body: string; method: string }[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        came.push({ headers: request.headers, body, method: request.method ?? '' });
        response.writeHead(201, { 'content-type': 'application/json' }).end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterAll(() => {
    server.close();
  });

  const clock = new SystemClock();
  const development = { clock, loopbackFor: 'http://127.0.0.1:4000' };
  const upstream = (options: ConstructorParameters<typeof GuardedFetch>[0]): GuardedUpstreamFetch =>
    new GuardedUpstreamFetch({
      public: new GuardedFetch(options),
      internal: new GuardedFetch({ ...options, internal: true }),
    });

  it('sends body and headers as they are, but for those that this house sets', async () => {
    came = [];
    const answer = await upstream(development).fetch(`${origin}/token`, {
      method: 'POST',
      network: 'public',
      headers: {
        Authorization: 'Basic eA==',
        'Content-Type': 'application/x-www-form-urlencoded',
        Host: 'evil.example',
      },
      body: 'name=zoë',
    });
    expect(answer.status).toBe(201);
    expect(came).toMatchObject([
      { method: 'POST', body: 'name=zoë', headers: { authorization: 'Basic eA==', host: new URL(origin).host } },
    ]);
  });

  it.each([
    ['public', 'https://10.1.2.3/'],
    ['public', 'https://idp.corp.internal/'],
    ['public', 'http://idp.example/'],
    ['internal', 'http://idp.corp.internal/'],
    ['internal', 'https://127.0.0.1/'],
    ['internal', 'https://169.254.169.254/'],
    ['internal', 'https://[::1]/'],
    ['internal', 'https://[fd00:ec2::254]/'],
  ] as const)('fetches nothing in the %s network from %s', async (network, url) => {
    const lookUp = () => Promise.resolve(['10.0.0.7']);
    const dial = (): never => {
      throw new Error('dialled');
    };
    const work = upstream({ clock, lookUp, dial }).fetch(url, { method: 'GET', headers: {}, network });
    await expect(work).rejects.toThrow(SsoProblem);
    const error = (await work.catch((thrown: unknown) => thrown)) as SsoProblem;
    expect([error.reason, String(error.cause)]).toEqual(['provider_unavailable', expect.stringMatching(/forbidden/)]);
  });

  it('knows which addresses are a company’s own', () => {
    const own = ['10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd12::1', '8.8.8.8'];
    expect(own.filter(isInternalAddress)).toEqual(own);
    const never = [
      '127.0.0.1',
      '169.254.169.254',
      '0.0.0.0',
      '::1',
      'fe80::1',
      '100.100.100.200',
      '224.0.0.1',
      '::ffff:10.0.0.1',
      'x',
    ];
    expect(never.filter(isInternalAddress)).toEqual([]);
  });
});
