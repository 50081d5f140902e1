import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Answer,
  type Ask,
  type Connected,
  OAuthFlow,
  type Page,
  type Replica,
  startReplica,
} from '@gatehouse/test-kit';
import { anna, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

const RUNS = 80;
const MARK = '<script>zqx</script>';

/** Codes that a client may meet; anything else would be made up on the way. */
const CODES = [
  'invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type',
  'unsupported_token_type', 'invalid_scope', 'invalid_target', 'invalid_token', 'invalid_redirect_uri', 'invalid_client_metadata',
  'not_found', 'method_not_allowed', 'too_many_requests',
]; // prettier-ignore

const NAMES = [
  'grant_type', 'code', 'code_verifier', 'redirect_uri', 'client_id', 'client_secret', 'refresh_token', 'resource',
  'scope', 'token', 'token_type_hint', 'response_type', 'code_challenge', 'code_challenge_method', 'state', 'prompt',
  'response_mode', 'username', 'password', 'csrf', 'decision', '__proto__', 'constructor', 'client_assertion',
]; // prettier-ignore

const hostile = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    MARK,
    "' OR 1=1 --",
    '\u0000',
    '\ud800',
    '\u202e\u2066evil',
    '%00',
    '%zz',
    '../../etc/passwd',
  ),
  fc.constantFrom('authorization_code', 'refresh_token', 'password', 'code', 'S256', 'plain', 'approve', invoices),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constant('x'.repeat(5_000)),
  fc.constant(`ghr_${'A'.repeat(112)}`),
  fc.constant(`ghc_${'A'.repeat(43)}`),
);
const pairs = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 12 })), hostile), {
  maxLength: 12,
});
const encodedForm = pairs.map((list) => new URLSearchParams(list).toString());
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const jsonText = fc.oneof(
  fc.json(),
  fc.json({ maxDepth: 3 }).map((text) => text.slice(0, -1)),
  fc.constantFrom('null', '[]', '"x"', '{"redirect_uris":"x"}', '{"redirect_uris":[1]}', '{"__proto__":{"x":1}}'),
  fc.constant('['.repeat(20_000)),
  fc.constant(`{"redirect_uris":["https://app.example/cb"],"client_name":"${'x'.repeat(100_000)}"}`),
  fc
    .record({
      redirect_uris: fc.array(hostile),
      client_name: hostile,
      scope: hostile,
      grant_types: fc.array(hostile),
      jwks: fc.anything(),
    })
    .map((value) => JSON.stringify(value)),
);
const types = fc.constantFrom(
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=utf-16',
  'application/json',
  'application/json; charset=latin1',
  'multipart/form-data; boundary=x',
  'text/plain',
  'text/xml',
  '*/*',
  ';;;',
  undefined,
);
const authorizations = fc.constantFrom(
  undefined, undefined, 'Basic', 'Basic !!!', 'Basic Og==', 'Basic /////w==', 'Bearer x', 'Bearer', 'DPoP x',
  `Basic ${'A'.repeat(4_000)}`, `Basic ${Buffer.from('%zz:%zz').toString('base64')}`,
); // prettier-ignore
const encodings = fc.constantFrom(undefined, undefined, undefined, 'gzip', 'br', 'nonsense');

const request: fc.Arbitrary<Ask> = fc
  .record({
    method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE', 'PATCH'),
    body: fc.oneof(encodedForm, encodedForm, jsonText, bytes),
    type: types,
    authorization: authorizations,
    encoding: encodings,
  })
  .map(({ method, body, type, authorization, encoding }) => ({
    method,
    ...(method === 'GET' ? {} : { body }),
    headers: {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(authorization === undefined ? {} : { authorization }),
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    },
  }));

describe('hostile input', () => {
  let replica: Replica;
  let flow: OAuthFlow;
  let known: Connected;
  let cookie: string;
  let interaction: string;

  beforeAll(async () => {
    replica = await startReplica(stack, WIDE_LIMITS);
    flow = new OAuthFlow(stack.issuer, { via: () => replica.origin });
    const browser = flow.browser();
    known = await flow.connected({ decision: { account: anna }, resource: invoices, browser });
    const page = (await browser.open(flow.begin(known.client, { resource: invoices }).url)) as Page;
    interaction = new URL(page.url).pathname.slice(new URL(`${stack.issuer}/`).pathname.length);
    cookie = browser.jar.header(stack.issuer) ?? '';
  }, 40_000);
  afterAll(() => replica.stop());

  /** 4xx in the words of the channel, nothing of the inside, nothing of the input. */
  function expectDecent(answer: Answer): void {
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).not.toMatch(
      /node_modules|\bat [\w.<>]+ \(|\.[cm]?[jt]s:\d+|SyntaxError|TypeError|ECONN|FST_|pg_|SELECT /,
    );
    expect(answer.text).not.toContain(MARK);
    if (answer.status < 400) return;
    if (answer.type === 'text/html') {
      expect(answer.header('content-security-policy')).toContain("default-src 'none'");
      return;
    }
    expect(answer.type).toBe('application/json');
    expect(CODES).toContain(answer.error);
  }

  const property = (path: string | (() => string), fixed: Ask['headers'] = {}) =>
    fc.assert(
      fc.asyncProperty(request, async (ask) => {
        const to = typeof path === 'string' ? path : path();
        expectDecent(await flow.ask(to, { ...ask, headers: { ...fixed, ...ask.headers } }));
      }),
      { numRuns: RUNS },
    );

  it.each([
    'token',
    'register',
    'revoke',
    'introspect',
    'jwks.json',
    'health/live',
    '.well-known/openid-configuration',
  ])('gets a decent answer from %s, never a 5xx (AS-52)', (path) => property(path), 40_000);

  it.each(['', '/sign-in', '/consent', '/refusal', '/switch-account'])(
    'gets a decent page from interaction%s, with and without the right cookies',
    async (path) => {
      await property(() => interaction + path);
      await property(() => interaction + path, { cookie });
      await property(() => `interaction/ghi_${'x'.repeat(43)}${path}`, { cookie });
    },
    60_000,
  );

  it('gets a decent answer from authorize, by query and by form (AS-27)', async () => {
    await property('authorize');
    await fc.assert(
      fc.asyncProperty(encodedForm, fc.boolean(), async (query, withClient) => {
        const client = withClient ? `client_id=${encodeURIComponent(known.client.client_id)}&` : '';
        const answer = await flow.ask(`authorize?${client}${query}`);
        expectDecent(answer);
        if (answer.location !== undefined) expect(new URL(answer.location).origin).toBe(stack.issuer);
      }),
      { numRuns: RUNS * 2 },
    );
  }, 40_000);

  it('gets an OAuth error from token for every hostile form of a known client (AS-52)', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async (list) => {
        const unique = new Map(list.filter(([name]) => name !== 'client_id'));
        const body = new URLSearchParams([...unique, ['client_id', known.client.client_id]]).toString();
        const answer = await flow.ask('token', {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body,
        });
        expectDecent(answer);
        expect([400, 401]).toContain(answer.status);
        expect(answer.header('cache-control')).toContain('no-store');
      }),
      { numRuns: RUNS * 2 },
    );
  }, 40_000);

  it.each([
    ['a repeated parameter', { body: 'grant_type=refresh_token&grant_type=refresh_token' }, 400],
    ['an oversized body', { body: `a=${'x'.repeat(2_000_000)}` }, 413],
    ['a wrong content type', { body: '{}', headers: { 'content-type': 'application/json' } }, 400],
    ['bytes that are no UTF-8', { body: Buffer.from('grant_type=\xff\xfe', 'latin1') }, 400],
    ['a NUL', { body: 'grant_type=a%00b&client_id=x' }, 400],
    ['an empty body', { body: '' }, 400],
  ] as [string, Ask, number][])('is told invalid_request by token for %s (AS-20, AS-50)', async (_, ask, status) => {
    const answer = await flow.ask('token', {
      method: 'POST',
      ...ask,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...ask.headers },
    });
    expect([answer.status, answer.error]).toEqual([status, 'invalid_request']);
  });

  it('gets nothing out of strange paths (AS-16)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constantFrom('..', '.', '%2e%2e', '%00', 'token', '%zz', '%ff', '@'), fc.webSegment()), {
          maxLength: 6,
        }),
        async (segments) => {
          const answer = await flow.ask(segments.join('/'));
          expectDecent(answer);
        },
      ),
      { numRuns: RUNS },
    );
  }, 30_000);

  it('leaves honest clients unharmed', async () => {
    expect((await flow.refresh(known, known.tokens.refresh_token)).status).toBe(200);
    expect(replica.log()).not.toMatch(/"level":(50|60)|"level":"(error|fatal)"/);
  });
});
