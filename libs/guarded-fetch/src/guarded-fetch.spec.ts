import { selfSigned } from '@gatehouse/test-kit';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { GuardedFetch, type GuardedFetchOptions } from './guarded-fetch.js';

const PUBLIC = '93.184.215.14';
const OTHER_PUBLIC = '2606:4700::1111';
const certificate = selfSigned();
const certificateOfApp = selfSigned('app.example.com');
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener, secure = true, own = certificate): Promise<number> {
  const server = secure ? createTlsServer(own, listener) : createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const document: RequestListener = (_, response) => {
  response.setHeader('cache-control', 'max-age=60').setHeader('content-type', 'application/json').end('{"a":1}');
};

/** As a server on loopback fetches when told that this is development. */
function inDevelopment(options: Partial<GuardedFetchOptions> = {}): GuardedFetch {
  return new GuardedFetch({ clock: new StoppedClock(), loopbackFor: 'http://127.0.0.1:4000', ...options });
}

/** As in production, with a name server and an internet of our own: every public address is the server at `port`. */
function onInternet(port: number, answers: readonly (readonly string[])[], options: Partial<GuardedFetchOptions> = {}) {
  const asked: string[] = [];
  const dialled: string[] = [];
  const fetch = new GuardedFetch({
    clock: new StoppedClock(),
    lookUp: async (host) => {
      asked.push(host);
      return answers[asked.length - 1] ?? answers.at(-1) ?? [];
    },
    dial: (address) => {
      dialled.push(address);
      return connect({ host: '127.0.0.1', port });
    },
    ca: certificate.cert,
    ...options,
  });
  return { fetch, asked, dialled };
}

const JSON_ONLY = { accept: 'application/json' } as const;

describe('a guarded fetch', () => {
  it('gives status, headers and body of a plain answer', async () => {
    const port = await serve(document);
    const answer = await inDevelopment().get(`https://127.0.0.1:${port}/client.json`, JSON_ONLY);
    expect(answer).toMatchObject({
      kind: 'answer',
      status: 200,
      headers: { 'cache-control': 'max-age=60', 'content-type': 'application/json' },
    });
    expect(answer.kind === 'answer' && answer.body.toString()).toBe('{"a":1}');
  });

  it('asks conditionally, without compression, and says who it is', async () => {
    let seen: Record<string, unknown> = {};
    const port = await serve((request, response) => {
      seen = request.headers;
      response.writeHead(304).end();
    });
    const answer = await inDevelopment().get(`https://127.0.0.1:${port}/x`, { ...JSON_ONLY, ifNoneMatch: '"v1"' });
    expect(answer).toMatchObject({ kind: 'answer', status: 304 });
    expect(seen).toMatchObject({ 'if-none-match': '"v1"', 'accept-encoding': 'identity', 'user-agent': 'Gatehouse' });
    expect(seen['cookie']).toBeUndefined();
  });

  it('hands a redirect back and does not follow it (AS-82)', async () => {
    const paths: unknown[] = [];
    const port = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const answer = await inDevelopment().get(`https://127.0.0.1:${port}/x`, JSON_ONLY);
    expect(answer).toMatchObject({ kind: 'answer', status: 302 });
    expect(paths).toEqual(['/x']);
  });

  it('reads 5 KB and not a byte more, announced or not (AS-87)', async () => {
    const port = await serve(({ url }, response) => {
      const body = 'x'.repeat(url === '/fits' ? 5120 : 5121);
      if (url === '/announced') response.end(body);
      else {
        response.write(body.slice(0, 10));
        response.end(body.slice(10));
      }
    });
    const get = (path: string) => inDevelopment().get(`https://127.0.0.1:${port}${path}`, JSON_ONLY);
    expect(await get('/fits')).toMatchObject({ kind: 'answer' });
    expect(await get('/announced')).toMatchObject({ kind: 'failure', problem: 'oversized' });
    expect(await get('/streamed')).toMatchObject({ kind: 'failure', problem: 'oversized' });
  });

  it('refuses a body that would unpack to something larger', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
    });
    const answer = await inDevelopment().get(`https://127.0.0.1:${port}/x`, JSON_ONLY);
    expect(answer).toMatchObject({ kind: 'failure', problem: 'malformed_answer' });
  });

  it('ends a body that drips, and a server that says nothing (AS-87)', async () => {
    const port = await serve(({ url }, response) => {
      if (url === '/silent') return;
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => {
        clearInterval(drip);
      });
    });
    const fetch = inDevelopment({ timeout: 250 });
    for (const path of ['/drip', '/silent']) {
      const answer = await fetch.get(`https://127.0.0.1:${port}${path}`, JSON_ONLY);
      expect(answer).toMatchObject({ kind: 'failure', problem: 'too_slow' });
    }
  });

  it('ends a lookup that takes its time', async () => {
    const fetch = new GuardedFetch({
      clock: new StoppedClock(),
      timeout: 50,
      lookUp: () => new Promise(() => undefined),
    });
    expect(await fetch.get('https://app.example.com/x', JSON_ONLY)).toMatchObject({ problem: 'too_slow' });
  });

  it('takes an answer that is cut off for none', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
      setTimeout(() => response.destroy(), 20);
    });
    const answer = await inDevelopment().get(`https://127.0.0.1:${port}/x`, JSON_ONLY);
    expect(answer).toMatchObject({ kind: 'failure', problem: 'malformed_answer' });
  });
});

describe('where a guarded fetch goes', () => {
  it('reaches a public host at the address it looked up, certificate checked against the name', async () => {
    const port = await serve(document, true, certificateOfApp);
    const { fetch, asked, dialled } = onInternet(port, [[PUBLIC]], { ca: certificateOfApp.cert });
    expect(await fetch.get('https://app.example.com/x', JSON_ONLY)).toMatchObject({ kind: 'answer', status: 200 });
    expect([asked, dialled]).toEqual([['app.example.com'], [PUBLIC]]);
  });

  it('does not believe a certificate of another name', async () => {
    const port = await serve(document, true, certificateOfApp);
    const { fetch } = onInternet(port, [[PUBLIC]], { ca: certificateOfApp.cert });
    expect(await fetch.get('https://bank.example.com/x', JSON_ONLY)).toMatchObject({
      kind: 'failure',
      problem: 'untrusted_certificate',
    });
  });

  it('does not believe a certificate that nobody vouches for', async () => {
    const port = await serve(document);
    const { fetch } = onInternet(port, [[PUBLIC]], { ca: selfSigned().cert });
    expect(await fetch.get('https://app.example.com/x', JSON_ONLY)).toMatchObject({ problem: 'untrusted_certificate' });
  });

  it.each([
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['169.254.169.254'],
    ['::ffff:10.0.0.1'],
    ['fd12::1'],
    ['2002:7f00:1::1'],
    ['64:ff9b::7f00:1'],
  ])('does not connect when a name leads to %s (AS-86)', async (address) => {
    const port = await serve(document);
    const { fetch, dialled } = onInternet(port, [[address]]);
    expect(await fetch.get('https://app.example.com/x', JSON_ONLY)).toMatchObject({ problem: 'forbidden_address' });
    expect(dialled).toEqual([]);
  });

  it('does not connect when one of several addresses is inside, in whichever family (AS-86)', async () => {
    const port = await serve(document);
    for (const addresses of [
      [PUBLIC, '10.0.0.1'],
      [PUBLIC, '::1'],
    ]) {
      const { fetch, dialled } = onInternet(port, [addresses]);
      expect(await fetch.get('https://app.example.com/x', JSON_ONLY)).toMatchObject({ problem: 'forbidden_address' });
      expect(dialled).toEqual([]);
    }
  });

  it('looks up once, so a name that changes its answer between check and connection gains nothing (AS-86)', async () => {
    const port = await serve(document);
    const { fetch, asked, dialled } = onInternet(port, [[PUBLIC], ['127.0.0.1']]);
    await fetch.get('https://rebinding.example.com/x', JSON_ONLY);
    expect([asked, dialled]).toEqual([['rebinding.example.com'], [PUBLIC]]);
  });

  it('tries the next address when one is dead', async () => {
    const port = await serve(document);
    const dialled: string[] = [];
    const { fetch } = onInternet(port, [[OTHER_PUBLIC, PUBLIC]], {
      dial: (address) => {
        dialled.push(address);
        return connect({ host: '127.0.0.1', port: address === PUBLIC ? port : 1 });
      },
    });
    await fetch.get('https://app.example.com/x', JSON_ONLY);
    expect(dialled).toEqual([OTHER_PUBLIC, PUBLIC]);
  });

  it('says that a name has no address', async () => {
    const { fetch } = onInternet(1, [[]]);
    expect(await fetch.get('https://app.example.com/x', JSON_ONLY)).toMatchObject({ problem: 'unresolvable' });
  });

  it('stays away from this machine in production, whatever the switch says (AS-86)', async () => {
    const port = await serve(document);
    for (const loopbackFor of ['https://auth.example.com', 'https://localhost.example.com', 'nonsense']) {
      const fetch = new GuardedFetch({ clock: new StoppedClock(), loopbackFor });
      for (const host of ['127.0.0.1', 'localhost'])
        expect(await fetch.get(`https://${host}:${port}/x`, JSON_ONLY)).toEqual({
          kind: 'failure',
          problem: 'forbidden_address',
        });
    }
    const undeclared = new GuardedFetch({ clock: new StoppedClock() });
    expect(await undeclared.get(`https://127.0.0.1:${port}/x`, JSON_ONLY)).toMatchObject({ kind: 'failure' });
  });

  it('fetches from this machine for a development server on loopback, http too', async () => {
    const port = await serve(document, false);
    expect(await inDevelopment().get(`http://localhost:${port}/x`, JSON_ONLY)).toMatchObject({ status: 200 });
  });
});

describe('the budget of guarded fetches', () => {
  const open = () => {
    const waiting: (() => void)[] = [];
    const listener: RequestListener = (_, response) => {
      waiting.push(() => response.end('{}'));
    };
    return { waiting, listener };
  };
  const arrived = async (waiting: readonly unknown[], count: number) => {
    while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('gives one site a few places and leaves the rest to others (AS-87)', async () => {
    const { waiting, listener } = open();
    const port = await serve(listener);
    const fetch = inDevelopment({ budget: { perSite: 2, total: 3 } });
    const held = ['/1', '/2'].map((path) => fetch.get(`https://127.0.0.1:${port}${path}`, JSON_ONLY));
    await arrived(waiting, 2);
    expect(await fetch.get(`https://127.0.0.1:${port}/3`, JSON_ONLY)).toEqual({ kind: 'failure', problem: 'busy' });
    const other = fetch.get(`https://localhost:${port}/3`, JSON_ONLY);
    await arrived(waiting, 3);
    expect(await fetch.get('https://third.example.com/', JSON_ONLY)).toEqual({ kind: 'failure', problem: 'busy' });
    for (const finish of waiting) finish();
    expect((await Promise.all([...held, other])).map(({ kind }) => kind)).toEqual(['answer', 'answer', 'answer']);
  });

  it('counts all hosts of one domain as one site', async () => {
    const fetch = new GuardedFetch({
      clock: new StoppedClock(),
      timeout: 100,
      budget: { perSite: 1 },
      lookUp: () => new Promise(() => undefined),
    });
    const held = fetch.get('https://a.evil.example/', JSON_ONLY);
    expect(await fetch.get('https://b.evil.example/', JSON_ONLY)).toMatchObject({ problem: 'busy' });
    expect(await held).toMatchObject({ problem: 'too_slow' });
  });

  it('gives no network more than its part, so that one with many slow sites shuts nobody out (AS-87)', async () => {
    let requester = '192.0.2.1';
    const fetch = new GuardedFetch({
      clock: new StoppedClock(),
      timeout: 200,
      budget: { total: 8, perRequester: 3 },
      requester: () => requester,
      lookUp: () => new Promise(() => undefined),
    });
    const held = [1, 2, 3].map((n) => fetch.get(`https://slow${String(n)}.example/`, JSON_ONLY));
    expect(await fetch.get('https://slow4.example/', JSON_ONLY)).toEqual({ kind: 'failure', problem: 'busy' });
    requester = '192.0.2.2';
    const honest = fetch.get('https://app.example/', JSON_ONLY);
    expect((await Promise.all([...held, honest])).map((answer) => answer.kind === 'failure' && answer.problem)).toEqual(
      Array(4).fill('too_slow'),
    );
  });

  it('knocks at nobody more often in a minute than anybody could mean, for one network or for many', async () => {
    const clock = new StoppedClock();
    let [requester, dialled] = ['192.0.2.1', 0];
    const port = await serve(document, true, certificateOfApp);
    const fetch = new GuardedFetch({
      clock,
      budget: { minutelyPerRequester: 2, minutelyPerSite: 3 },
      requester: () => requester,
      lookUp: async () => [PUBLIC],
      dial: () => {
        dialled += 1;
        return connect({ host: '127.0.0.1', port });
      },
      ca: certificateOfApp.cert,
    });
    const knock = async (n: number) => (await fetch.get(`https://app.example.com/jwks?${String(n)}`, JSON_ONLY)).kind;
    expect([await knock(1), await knock(2), await knock(3)]).toEqual(['answer', 'answer', 'failure']);
    requester = '192.0.2.2';
    expect([await knock(4), await knock(5), dialled]).toEqual(['answer', 'failure', 3]);
    clock.advance(60);
    expect(await knock(6)).toBe('answer');
  });

  it('leaves a dead site alone for a moment, a little longer each time, and forgives it at the first success', async () => {
    const clock = new StoppedClock();
    let dead = true;
    let lookups = 0;
    const port = await serve(document, true, certificateOfApp);
    const fetch = new GuardedFetch({
      clock,
      budget: { firstPause: 2_000, longestPause: 3_000 },
      lookUp: async () => {
        lookups += 1;
        return dead ? [] : [PUBLIC];
      },
      dial: () => connect({ host: '127.0.0.1', port }),
      ca: certificateOfApp.cert,
    });
    const get = async () => {
      const answer = await fetch.get('https://app.example.com/x', JSON_ONLY);
      return answer.kind === 'failure' ? answer.problem : 'answer';
    };
    expect([await get(), await get(), lookups]).toEqual(['unresolvable', 'paused', 1]);
    clock.advance(2);
    expect([await get(), await get(), lookups]).toEqual(['unresolvable', 'paused', 2]);
    clock.advance(2);
    expect(await get()).toBe('paused');
    clock.advance(1);
    dead = false;
    expect([await get(), await get()]).toEqual(['answer', 'answer']);
    dead = true;
    expect(await get()).toBe('unresolvable');
    clock.advance(2);
    expect(await get()).toBe('unresolvable');
  });

  it('does not let a slow path shut out its neighbours at the same host', async () => {
    const port = await serve(({ url }, response) => {
      if (url !== '/slow') response.end('{}');
    });
    const fetch = inDevelopment({ timeout: 1000 });
    const at = (path: string) => fetch.get(`https://127.0.0.1:${port}${path}`, JSON_ONLY);
    expect(await at('/slow')).toMatchObject({ problem: 'too_slow' });
    expect(await at('/slow')).toMatchObject({ problem: 'paused' });
    expect(await at('/client.json')).toMatchObject({ kind: 'answer' });
  });
});
