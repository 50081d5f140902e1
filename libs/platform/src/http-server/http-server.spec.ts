import { get } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Body, Controller, Get, HttpCode, Module, Post, Req } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { EventLogger } from '../logger/event-logger.js';
import { selfSigned } from '@gatehouse/test-kit';
import { Metrics } from '../metrics/metrics.js';
import { AcceptsForm, AcceptsJson } from './body.js';
import { type HttpServer, type HttpServerOptions, createHttpServer } from './http-server.js';

@Controller()
class EchoController {
  @Post('form')
  @HttpCode(200)
  @AcceptsForm()
  form(@Body() body: unknown): { form: unknown } {
    return { form: body };
  }

  @Post('json')
  @HttpCode(200)
  @AcceptsJson()
  json(@Body() body: unknown): { json: unknown } {
    return { json: body };
  }

  @Get('who')
  who(@Req() request: FastifyRequest): { ip: string; id: string } {
    return { ip: request.ip, id: request.id };
  }

  @Get('health/live')
  live(): object {
    return {};
  }

  @Get('things/:id')
  thing(): string {
    return 'thing';
  }

  @Get('fails')
  fails(): never {
    throw new Error('secret of ours: ghr_AAAAAAAAAAAAAAAAAAAAAAAA');
  }

  @Get('slow')
  async slow(): Promise<string> {
    await sleep(300);
    return 'done';
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
});

async function serve(more: Partial<HttpServerOptions> = {}) {
  const lines: string[] = [];
  const logger = new EventLogger({ app: 'echo', level: 'debug', destination: { write: (line) => lines.push(line) } });
  const server = await createHttpServer(EchoModule, {
    logger,
    publicUrl: 'http://127.0.0.1:4000',
    bodyLimit: 1000,
    answerProblem: ({ kind, statusCode }, request) => ({
      status: statusCode,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ problem: kind, path: request?.path }),
    }),
    ...more,
  });
  servers.push(server);
  const port = await server.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${port}`;
  const post = async (path: string, type: string | undefined, body: string | Uint8Array): Promise<Response> =>
    fetch(url + path, {
      method: 'POST',
      body: Buffer.from(body),
      headers: type === undefined ? {} : { 'content-type': type },
    });
  return { server, port, url, lines, post };
}

/** What a client sees that fetch refuses to be. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(request, 'latin1');
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

const FORM = 'application/x-www-form-urlencoded';

describe('createHttpServer', () => {
  describe('bodies', () => {
    it('hands a form over as the text it came as, repeats included', async () => {
      const { post } = await serve();
      for (const type of [FORM, `${FORM}; charset=UTF-8`, 'Application/X-WWW-Form-Urlencoded']) {
        const response = await post('/form', type, 'a=1&a=2&b=%C3%AB');
        expect(await response.json()).toEqual({ form: 'a=1&a=2&b=%C3%AB' });
      }
      expect(await (await post('/form', FORM, '')).json()).toEqual({ form: '' });
    });

    it('parses JSON', async () => {
      const { post } = await serve();
      expect(await (await post('/json', 'application/json', '{"a":["ë"]}')).json()).toEqual({ json: { a: ['ë'] } });
    });

    it.each([
      ['JSON where a form is due', '/form', 'application/json', '{"a":1}', 415],
      ['a form without a type', '/form', undefined, 'a=1', 415],
      ['plain text', '/form', 'text/plain', 'a=1', 415],
      ['a multipart form', '/form', 'multipart/form-data; boundary=x', '--x--', 415],
      ['a type that is none', '/form', ';;;', 'a=1', 415],
      ['a form where JSON is due', '/json', FORM, 'a=1', 415],
      ['half a JSON text', '/json', 'application/json', '{"a":', 400],
      ['no JSON text', '/json', 'application/json', '', 400],
      ['a prototype', '/json', 'application/json', '{"__proto__":{"admin":true}}', 400],
      ['a constructor', '/json', 'application/json', '{"constructor":{"prototype":{"admin":true}}}', 400],
      ['a form beyond the limit', '/form', FORM, `a=${'x'.repeat(2000)}`, 413],
      ['JSON beyond the limit', '/json', 'application/json', JSON.stringify('x'.repeat(2000)), 413],
    ])('refuses %s', async (_, path, type, body, status) => {
      const { post } = await serve();
      const response = await post(path, type, body);
      const problem = { 400: 'malformed', 413: 'too_large', 415: 'unsupported_media_type' }[status];
      expect(response.status).toBe(status);
      expect(await response.json()).toEqual({ problem, path });
    });

    it('refuses bytes that are no UTF-8', async () => {
      const { post } = await serve();
      for (const [path, type] of [
        ['/form', FORM],
        ['/json', 'application/json'],
      ] as const) {
        const response = await post(path, type, Uint8Array.of(0x22, 0xff, 0xfe, 0x22));
        expect(await response.json()).toEqual({ problem: 'malformed', path });
      }
    });
  });

  describe('requests no route sees', () => {
    it('answers an unknown path and an unknown method in the words of the app, without the query', async () => {
      const { url } = await serve();
      for (const [method, path] of [
        ['GET', '/nowhere'],
        ['POST', '/who'],
        ['DELETE', '/form'],
        ['GET', '/things/'],
        ['GET', '//who'],
      ] as const) {
        const response = await fetch(`${url}${path}?token=secret`, { method });
        expect(response.status).toBe(404);
        expect(await response.json()).toEqual({ problem: 'not_found', path });
      }
    });

    it.each([
      ['a path that does not decode', 'GET /%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400, 'malformed'],
      [
        'a path of 12 kB',
        `GET /things/${'a'.repeat(12_000)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
        414,
        'uri_too_long',
      ],
      [
        'headers of 20 kB',
        `GET /who HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
        431,
        'headers_too_large',
      ],
      ['a header with a NUL', 'GET /who HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n', 400, 'malformed'],
      ['no Host', 'GET /who HTTP/1.1\r\n\r\n', 400, undefined],
      [
        'two lengths',
        'POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na',
        400,
        'malformed',
      ],
      [
        'length and chunks',
        'POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        400,
        'malformed',
      ],
      ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000\r\n\r\n', 400, 'malformed'],
    ])('answers %s without a word of Node or Fastify', async (_, request, status, problem) => {
      const { port, url } = await serve();
      const answer = await raw(port, request);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).not.toMatch(/FST_ERR|HPE_|node:|at \w+ \(/);
      if (problem !== undefined) expect(answer).toContain(`"problem":"${problem}"`);
      expect((await fetch(`${url}/who`)).status).toBe(200);
    });
  });

  it('speaks HTTPS with the files it is given, and nothing else on that port', async () => {
    const { cert, key } = selfSigned();
    const from = { tlsCertFile: '/nowhere/tls.pem', tlsKeyFile: '/nowhere/tls-key.pem' };
    const tls = { cert: Buffer.from(cert), key: Buffer.from(key), minVersion: 'TLSv1.2', from } as const;
    const { port } = await serve({ publicUrl: 'https://localhost', tls });
    const status = await new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', servername: 'localhost', port, path: '/who', ca: cert, agent: false }, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers['strict-transport-security']]);
      }).on('error', reject);
    });
    expect(status).toEqual([200, 'max-age=31536000']);
    await expect(fetch(`http://127.0.0.1:${port}/who`)).rejects.toThrow();
  });

  it('believes a forwarded address only from a declared proxy', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    const open = await serve();
    expect(await (await fetch(`${open.url}/who`, { headers })).json()).toMatchObject({ ip: '127.0.0.1' });
    const behind = await serve({ trustedProxies: ['10.0.0.0/8', '127.0.0.1'] });
    expect(await (await fetch(`${behind.url}/who`, { headers })).json()).toMatchObject({ ip: '203.0.113.9' });
    const elsewhere = await serve({ trustedProxies: ['10.0.0.0/8'] });
    expect(await (await fetch(`${elsewhere.url}/who`, { headers })).json()).toMatchObject({ ip: '127.0.0.1' });
    // What the client itself wrote stands left of what the proxy added.
    const spoofed = { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' };
    expect(await (await fetch(`${behind.url}/who`, { headers: spoofed })).json()).toMatchObject({ ip: '203.0.113.9' });
  });

  it('answers nobody around the proxies that end TLS, but on the machine itself and about its health', async () => {
    const trustedProxies = ['10.0.0.0/8', '2001:db8::1'];
    const { app } = (await serve({ publicUrl: 'https://auth.example.com', trustedProxies })).server;
    const status = async (remoteAddress: string, url = '/who', headers = {}): Promise<number> =>
      (await app.inject({ url, remoteAddress, headers })).statusCode;
    for (const peer of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1', '127.0.0.1', '::1'])
      expect([peer, await status(peer)]).toEqual([peer, 200]);
    for (const peer of ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::2', 'unix'])
      expect([peer, await status(peer)]).toEqual([peer, 421]);
    // What a header says of the way here changes nothing.
    const lie = { 'x-forwarded-for': '10.1.2.3', 'x-forwarded-proto': 'https' };
    expect(await status('192.0.2.1', '/who', lie)).toBe(421);
    expect(await status('192.0.2.1', '/health/live')).toBe(200);
    expect(await status('192.0.2.1', '/things/health/live')).toBe(421);
    const { server: onLoopback } = await serve();
    expect((await onLoopback.app.inject({ url: '/who', remoteAddress: '192.0.2.1' })).statusCode).toBe(200);
  });

  it('names a request itself, whatever id the client sends', async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/who`, { headers: { 'request-id': 'evil', 'x-request-id': 'evil' } });
    expect((await response.json()) as unknown).toMatchObject({ id: expect.stringMatching(/^[\w-]{8}-\w+$/) });
  });

  it('forbids in every answer what no answer needs', async () => {
    const { url } = await serve({ publicUrl: 'https://auth.example.com' });
    for (const path of ['/who', '/nowhere', '/fails', '/%ff']) {
      const { headers } = await fetch(url + path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('strict-transport-security')).toContain('max-age=');
      expect(headers.get('x-powered-by')).toBeNull();
    }
    const plain = await serve();
    expect((await fetch(`${plain.url}/who`)).headers.get('strict-transport-security')).toBeNull();
  });

  it('tells the log the route and the outcome, and neither query nor body nor header', async () => {
    const { url, lines, post } = await serve();
    await fetch(`${url}/things/secret-id?code=secret-code`, {
      headers: { authorization: 'Bearer secret-token', cookie: 'a=secret' },
    });
    await post('/form', FORM, 'password=secret-password');
    await fetch(`${url}/nowhere/secret?x=secret`);
    await fetch(`${url}/fails`);
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.filter(({ event }) => event === 'request')).toEqual([
      expect.objectContaining({ route: '/things/:id', status: 200, method: 'GET' }),
      expect.objectContaining({ route: '/form', status: 200, method: 'POST' }),
      expect.objectContaining({ route: 'unmatched', status: 404 }),
    ]);
    expect(events).toContainEqual(expect.objectContaining({ event: 'request.failed', route: '/fails', status: 500 }));
    expect(events).toContainEqual(expect.objectContaining({ event: 'listening', host: '127.0.0.1' }));
    expect(lines.join('')).not.toMatch(/secret-|=secret|ghr_A/);
  });

  it('measures each request under its route, so that no client can add a series', async () => {
    const metrics = new Metrics();
    const { url } = await serve({ metrics });
    for (let n = 0; n < 5; n++) {
      await fetch(`${url}/things/${n}`);
      await fetch(`${url}/nowhere/${n}`);
    }
    const text = await metrics.text();
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/things/:id",outcome="2xx"} 5');
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="unmatched",outcome="4xx"} 5');
    expect(text.match(/_count\{/g)).toHaveLength(2);
  });

  it('finishes the request under way when it is told to stop, and takes no new one', async () => {
    const { server, url } = await serve();
    const slow = fetch(`${url}/slow`);
    await sleep(100);
    const closed = server.close();
    await sleep(20);
    await expect(fetch(`${url}/who`)).rejects.toThrow();
    expect(await (await slow).text()).toBe('done');
    await closed;
  });

  it('does not wait for connections that are kept open without a request', async () => {
    const { server, port } = await serve();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /who HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const started = performance.now();
    await server.close();
    expect(performance.now() - started).toBeLessThan(2000);
    socket.destroy();
  });

  it('does not wait for connections that were opened in advance and never used', async () => {
    const { server, port } = await serve();
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
    const started = performance.now();
    await server.close();
    expect(performance.now() - started).toBeLessThan(2000);
    socket.destroy();
  });

  it('says when the port is taken', async () => {
    const { port } = await serve();
    const other = await createHttpServer(EchoModule, {
      logger: new EventLogger({ app: 'echo', level: 'silent' }),
      publicUrl: 'http://127.0.0.1',
      answerProblem: () => ({ status: 400, headers: {}, body: '' }),
    });
    await expect(other.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await other.close();
  });
});
