import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AttemptCounter, type AttemptLimit } from '@gatehouse/identity';
import type { RenderedPage } from '@gatehouse/pages';
import { Clock, OAuthError, type Parameters, SystemClock } from '@gatehouse/protocol';
import { Body, Controller, type DynamicModule, Get, HttpCode, Module, Post } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpServer, EventLogger, type HttpServer, Metrics } from '@gatehouse/platform';
import { ClosedGuard } from '../access/closed.guard.js';
import { Public } from '../access/public.decorator.js';
import { FailureLimit } from '../rate-limits/failure-limit.js';
import { SuccessLimit } from '../rate-limits/success-limit.js';
import { RateLimitGuard } from '../rate-limits/rate-limit.guard.js';
import { RateLimits } from '../rate-limits/rate-limits.js';
import { ErrorPage } from './error-page.js';
import { answerCrossOrigin } from './cross-origin.js';
import { RefusalFilter } from './refusal.filter.js';
import type { Refusal } from './refusal.js';
import { RefusalRecord } from './refusal-record.js';
import { RefusalResponder, answerProblems } from './refusal-responder.js';
import { FormParameters, QueryParameters } from './request-body.js';
import { RouteTable } from './route-table.js';
import { Route } from './route.js';

@Public()
@Controller('open')
class OpenController {
  @Get()
  @Route({ endpoint: 'open', channel: 'json' })
  read(@QueryParameters() parameters: Parameters): object {
    return { a: parameters.get('a') ?? null };
  }

  @Post('form')
  @HttpCode(200)
  @Route({ endpoint: 'form', channel: 'json', body: 'form', crossOrigin: true })
  form(@FormParameters() parameters: Parameters): object {
    if (parameters.get('client_id') === 'guesser') throw new OAuthError('invalid_grant', 'unknown_code');
    return { a: parameters.get('a') ?? null };
  }

  @Post('json')
  @Route({ endpoint: 'json', channel: 'json', body: 'json' })
  json(@Body() body: unknown): unknown {
    return { got: body };
  }

  @Post('page/:id')
  @Route({ endpoint: 'page', channel: 'page' })
  page(): never {
    throw new OAuthError('invalid_request', 'wrong_csrf_token', { status: 403 });
  }

  @Get('broken')
  @Route({ endpoint: 'broken', channel: 'json' })
  broken(): never {
    throw new Error('relation "secrets" does not exist');
  }

  @Post('secret')
  @Route({ endpoint: 'secret', channel: 'json', crossOrigin: true })
  secret(): never {
    throw new OAuthError('invalid_client', 'wrong_client_secret');
  }
}

@Controller('forgotten')
class ForgottenController {
  @Get()
  read(): object {
    return { secret: true };
  }
}

@Controller('protected')
class ProtectedController {
  @Get()
  @Route({ endpoint: 'protected', channel: 'problem', protectedBy: { resource: 'admin', scopes: [] } })
  read(): object {
    return { secret: true };
  }
}

@Module({})
class HttpTestModule {}

class MapCounter extends AttemptCounter {
  readonly counts = new Map<string, number>();
  override count(key: string, limit: AttemptLimit, now: Date): Promise<Date | undefined> {
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return Promise.resolve(count > limit.limit ? new Date(now.getTime() + limit.window * 1000) : undefined);
  }
  override reset(): Promise<void> {
    return Promise.resolve();
  }
}

class Records extends RefusalRecord {
  readonly refusals: (Refusal & { endpoint: string | undefined })[] = [];
  override refused(endpoint: string | undefined, refusal: Refusal): void {
    this.refusals.push({ ...refusal, endpoint });
  }
  override failed(): void {
    throw new Error('nothing may fail');
  }
}

class PlainPage extends ErrorPage {
  override render({ description }: Refusal): RenderedPage {
    return { headers: { 'content-type': 'text/html' }, html: `<p>${description}</p>` };
  }
}

describe('the HTTP layer around the controllers', () => {
  let server: HttpServer;
  let app: NestFastifyApplication;
  let records: Records;
  let counter: MapCounter;
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  beforeEach(async () => {
    records = new Records();
    counter = new MapCounter();
    const routes = new RouteTable();
    const responder = new RefusalResponder(new PlainPage(), 'http://127.0.0.1:4000');
    const module: DynamicModule = {
      module: HttpTestModule,
      controllers: [OpenController, ForgottenController, ProtectedController],
      providers: [
        { provide: RefusalRecord, useValue: records },
        { provide: RefusalResponder, useValue: responder },
        { provide: AttemptCounter, useValue: counter },
        { provide: Clock, useClass: SystemClock },
        {
          provide: RateLimits,
          useValue: {
            requests: { open: { limit: 3, window: 60 } },
            failures: { form: { limit: 2, window: 60 } },
            successes: {},
          },
        },
        FailureLimit,
        SuccessLimit,
        { provide: APP_FILTER, useClass: RefusalFilter },
        { provide: APP_GUARD, useClass: ClosedGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
      ],
    };
    server = await createHttpServer(module, {
      logger: new EventLogger({ app: 'spec', level: 'silent' }),
      metrics: new Metrics(),
      publicUrl: 'http://127.0.0.1:4000',
      answerProblem: answerProblems(routes, records, responder),
    });
    app = server.app;
    const fastify = app.getHttpAdapter().getInstance();
    routes.watch(fastify);
    answerCrossOrigin(fastify);
    await app.init();
    await fastify.ready();
  });

  afterEach(() => server.close());

  it('keeps a route closed that forgot to say it is public', async () => {
    const answer = await app.inject({ url: '/forgotten' });
    expect(answer.statusCode).toBe(403);
    expect(answer.body).not.toContain('secret');
  });

  it('keeps a protected route closed where nothing looks at tokens, and says so in problem details', async () => {
    const answer = await app.inject({ url: '/protected', headers: { authorization: 'Bearer x' } });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      403,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
    expect(answer.json()).toEqual({
      type: 'urn:gatehouse:problem:access_denied',
      title: 'The request was denied.',
      status: 403,
    });
  });

  it('answers 404 to an unknown path and 405 with Allow to a known path with another method', async () => {
    const unknown = await app.inject({ url: '/nowhere' });
    expect(unknown.statusCode).toBe(404);
    expect(unknown.json()).toEqual({ error: 'not_found', error_description: 'There is nothing at this address.' });
    const wrong = await app.inject({ method: 'GET', url: '/open/form' });
    expect(wrong.statusCode).toBe(405);
    expect(wrong.headers.allow).toBe('OPTIONS, POST');
    const parameter = await app.inject({ method: 'DELETE', url: '/open/page/x?y=/open' });
    expect([parameter.statusCode, parameter.headers.allow]).toEqual([405, 'POST']);
  });

  it('answers a page to a browser that strays, and JSON to a program', async () => {
    const browser = await app.inject({ url: '/nowhere', headers: { accept: 'text/html,*/*' } });
    expect([browser.statusCode, browser.headers['content-type']]).toEqual([404, 'text/html']);
  });

  it('accepts a form only as a form, and only once a parameter', async () => {
    const good = await app.inject({ method: 'POST', url: '/open/form', headers: form, payload: 'a=1' });
    expect([good.statusCode, good.json<object>()]).toEqual([200, { a: '1' }]);
    const charset = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };
    expect((await app.inject({ method: 'POST', url: '/open/form', headers: charset, payload: 'a=1' })).statusCode).toBe(
      200,
    );
    for (const [headers, payload, reason] of [
      [{ 'content-type': 'application/json' }, '{"a":"1"}', 'wrong_content_type'],
      [{ 'content-type': 'text/plain' }, 'a=1', 'wrong_content_type'],
      [{ 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 'wrong_content_type'],
      [{}, '', 'wrong_content_type'],
      [form, 'a=1&a=2', 'repeated_parameter'],
      [form, 'a=%00', 'malformed_request'],
      [form, Buffer.from([0x61, 0x3d, 0xff, 0xfe]), 'malformed_request'],
    ] as const) {
      const bad = await app.inject({ method: 'POST', url: '/open/form', headers, payload });
      expect([bad.statusCode, bad.json<{ error: string }>().error]).toEqual([400, 'invalid_request']);
      expect(records.refusals.at(-1)?.reason).toBe(reason);
    }
  });

  it('refuses credentials in the URL, however good they are', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/open/form?client_secret=x',
      headers: form,
      payload: 'a=1',
    });
    expect(answer.statusCode).toBe(400);
    expect(records.refusals.at(-1)?.reason).toBe('credentials_in_url');
  });

  it('refuses what is too large, not JSON, or would reach into prototypes', async () => {
    const json = { 'content-type': 'application/json' };
    const large = await app.inject({
      method: 'POST',
      url: '/open/json',
      headers: json,
      payload: `"${'x'.repeat(70_000)}"`,
    });
    expect([large.statusCode, large.json<{ error: string }>().error]).toEqual([413, 'invalid_request']);
    for (const payload of ['{', '', '{"__proto__":{"a":1}}', '\u0000']) {
      const bad = await app.inject({ method: 'POST', url: '/open/json', headers: json, payload });
      expect([payload, bad.statusCode]).toEqual([payload, 400]);
      expect(bad.body).not.toMatch(/stack|FST_|Unexpected token/);
    }
    const good = await app.inject({ method: 'POST', url: '/open/json', headers: json, payload: '{"a":[1]}' });
    expect([good.statusCode, good.json<object>()]).toEqual([201, { got: { a: [1] } }]);
  });

  it('answers 400 to a path that cannot be decoded and 414 to a segment longer than any of ours', async () => {
    expect((await app.inject({ url: '/open/%zz' })).statusCode).toBe(400);
    expect(
      (await app.inject({ method: 'POST', url: `/open/page/${'x'.repeat(5000)}`, headers: form, payload: '' }))
        .statusCode,
    ).toBe(414);
  });

  it('says nothing of an unexpected failure, and keeps it for the log', async () => {
    const answer = await app.inject({ url: '/open/broken' });
    expect([answer.statusCode, answer.json<object>()]).toEqual([
      500,
      { error: 'server_error', error_description: 'The server failed.' },
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(records.refusals.at(-1)).toMatchObject({
      endpoint: 'broken',
      reason: 'unexpected',
      cause: new Error('relation "secrets" does not exist'),
    });
  });

  it('challenges with Basic exactly when the client tried a header', async () => {
    const tried = await app.inject({ method: 'POST', url: '/open/secret', headers: { authorization: 'Basic eDp5' } });
    expect([tried.statusCode, tried.headers['www-authenticate']]).toEqual([
      401,
      'Basic realm="gatehouse", charset="UTF-8"',
    ]);
    expect([tried.headers['cache-control'], tried.headers.pragma]).toEqual(['no-store', 'no-cache']);
    const silent = await app.inject({ method: 'POST', url: '/open/secret' });
    expect([silent.statusCode, silent.headers['www-authenticate']]).toEqual([401, undefined]);
  });

  it('lets scripts of any origin use what says so, errors included, and nothing else', async () => {
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/open/form',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    });
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'Authorization, Content-Type, DPoP, MCP-Protocol-Version',
    });
    const refused = await app.inject({
      method: 'POST',
      url: '/open/secret',
      headers: { origin: 'https://app.example' },
    });
    expect(refused.headers['access-control-allow-origin']).toBe('*');
    expect(refused.headers['access-control-expose-headers']).toBe('WWW-Authenticate, DPoP-Nonce, Retry-After');
    const page = await app.inject({ method: 'POST', url: '/open/page/x', headers: { origin: 'https://app.example' } });
    expect(page.headers['access-control-allow-origin']).toBeUndefined();
    expect((await app.inject({ method: 'OPTIONS', url: '/open/page/x' })).statusCode).toBe(405);
  });

  it('answers 429 with Retry-After past the limit of an endpoint', async () => {
    for (let i = 0; i < 3; i++) expect((await app.inject({ url: '/open' })).statusCode).toBe(200);
    const limited = await app.inject({ url: '/open' });
    expect([limited.statusCode, limited.json<{ error: string }>().error]).toEqual([429, 'too_many_requests']);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    const elsewhere = await app.inject({ url: '/open', remoteAddress: '192.0.2.7' });
    expect(elsewhere.statusCode).toBe(200);
  });

  it('counts refused credentials only, by client and network, and blocks nobody else', async () => {
    const post = (client: string, remoteAddress = '192.0.2.1') =>
      app.inject({
        method: 'POST',
        url: '/open/form',
        headers: form,
        payload: `client_id=${client}&client_secret=x`,
        remoteAddress,
      });
    for (let i = 0; i < 50; i++) expect((await post('honest')).statusCode).toBe(200);
    expect(counter.counts.size).toBe(0);
    for (let i = 0; i < 2; i++) expect((await post('guesser')).statusCode).toBe(400);
    const blocked = await post('guesser');
    expect([blocked.statusCode, blocked.headers['retry-after']]).toEqual([429, '60']);
    expect(records.refusals.at(-1)).toMatchObject({ endpoint: 'form', code: 'invalid_grant', reason: 'unknown_code' });
    expect((await post('honest')).statusCode).toBe(200);
    expect((await post('guesser', '192.0.2.2')).statusCode).toBe(400);
  });

  it('goes on serving a public client past the limit, and answers only what is wrong with 429', async () => {
    const post = (client: string) =>
      app.inject({ method: 'POST', url: '/open/form', headers: form, payload: `client_id=${client}` });
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push((await post('guesser')).statusCode);
    expect(codes).toEqual([400, 400, 429, 429]);
    expect((await post('guesser')).headers['retry-after']).toBe('60');
    expect(records.refusals.at(-1)).toMatchObject({ endpoint: 'form', code: 'invalid_grant', reason: 'unknown_code' });
  });

  it('answers HEAD where there is GET', async () => {
    const answer = await app.inject({ method: 'HEAD', url: '/open' });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });
});
