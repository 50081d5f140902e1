import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Browser, formOf } from './testing/browser.js';
import { TrialClient, toConsent } from './testing/client.js';
import { type TrialServer, startTrialServer } from './testing/trial-server.js';

const FORM = 'application/x-www-form-urlencoded';
const OAUTH_ERRORS = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'invalid_redirect_uri',
  'invalid_client_metadata',
  'unsupported_token_type',
]);

describe('bad input', () => {
  let server: TrialServer;
  let client: TrialClient;

  beforeAll(async () => {
    server = await startTrialServer({
      REGISTRATION_LIMIT_PER_NETWORK: '100000/60',
      AUTHORIZATION_LIMIT_PER_NETWORK: '100000/60',
      TOKEN_FAILURE_LIMIT: '100000/60',
    });
    client = await TrialClient.register(server.app);
  });
  afterAll(() => server.close());

  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '',
      '\u0000',
      '\ud800',
      '\u202e',
      '%zz',
      '%',
      '%c0%af',
      '+',
      ' ',
      '__proto__',
      'a'.repeat(5000),
      '\u{1f600}',
      '../..',
      '[]',
      '{}',
    ),
  );
  const parameterName = fc.constantFrom(
    'grant_type',
    'client_id',
    'client_secret',
    'code',
    'code_verifier',
    'redirect_uri',
    'refresh_token',
    'resource',
    'scope',
    'token',
    'token_type_hint',
    'response_type',
    'code_challenge',
    'code_challenge_method',
    'state',
    'prompt',
    'csrf',
    '__proto__',
  );
  const value = fc.oneof(
    text,
    fc.constantFrom(
      'authorization_code',
      'refresh_token',
      'code',
      'S256',
      'http://127.0.0.1:1/callback',
      'known client',
      'ghr_' + 'A'.repeat(120),
    ),
  );
  const pairs = fc.array(fc.tuple(fc.oneof(parameterName, text), value), { maxLength: 12 });
  /** Some pairs stay unencoded, as only an attacker would send them. */
  const encoded = fc.tuple(pairs, fc.boolean()).map(([list, raw]) =>
    list
      .map(([name, content]) => {
        const filled = content === 'known client' ? client.id : content;
        return raw ? `${name}=${filled}` : `${encode(name)}=${encode(filled)}`;
      })
      .join('&'),
  );

  it('is answered with the right kind of OAuth error at every endpoint that programs use', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('token', 'revoke', 'introspect'),
        encoded,
        fc.oneof(
          { weight: 6, arbitrary: fc.constant(FORM) },
          fc.constantFrom('application/json', 'text/plain', 'multipart/form-data', 'x', ''),
        ),
        fc.option(
          fc.constantFrom(
            'Basic',
            'Basic x',
            'Basic ' + 'A'.repeat(3000),
            'Bearer x',
            'Basic %',
            'basic OjpA',
            'Digest x',
          ),
          { nil: undefined },
        ),
        async (path, payload, contentType, authorization) => {
          const answer = await server.app.inject({
            method: 'POST',
            url: `/${path}`,
            headers: { 'content-type': contentType, ...(authorization === undefined ? {} : { authorization }) },
            payload,
          });
          if (answer.statusCode === 200) return;
          expect(answer.statusCode).toBeGreaterThanOrEqual(400);
          expect(answer.statusCode).toBeLessThan(500);
          const body = answer.json<{ error: string; error_description: string }>();
          expect(Object.keys(body)).toEqual(['error', 'error_description']);
          expect(OAUTH_ERRORS).toContain(body.error);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is refused by the registration endpoint, or registers something harmless', async () => {
    const members = fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          'redirect_uris',
          'client_name',
          'grant_types',
          'token_endpoint_auth_method',
          'scope',
          'client_uri',
          'application_type',
          'jwks',
        ),
        text,
      ),
      fc.oneof(fc.jsonValue(), fc.constant(['http://127.0.0.1/cb']), fc.array(text)),
      { maxKeys: 8 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          members.map((m) => JSON.stringify(m)),
          fc.json(),
          text,
        ),
        async (payload) => {
          const answer = await server.app.inject({
            method: 'POST',
            url: '/register',
            headers: { 'content-type': 'application/json' },
            payload,
          });
          expect([201, 400]).toContain(answer.statusCode);
          if (answer.statusCode === 400) expect(OAUTH_ERRORS).toContain(answer.json<{ error: string }>().error);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('at the authorization endpoint gets a page, and never a redirect to an address that was not registered', async () => {
    await fc.assert(
      fc.asyncProperty(encoded, fc.boolean(), async (payload, post) => {
        const answer = await server.app.inject(
          post
            ? { method: 'POST', url: '/authorize', headers: { 'content-type': FORM }, payload }
            : { url: `/authorize?${asciiOnly(payload)}` },
        );
        if (answer.statusCode === 303)
          expect(answer.headers.location).toMatch(/^http:\/\/127\.0\.0\.1:4000\/interaction\/ghi_/);
        else {
          expect(answer.statusCode).toBeGreaterThanOrEqual(400);
          expect(answer.statusCode).toBeLessThan(500);
          expect(answer.headers.location).toBeUndefined();
          expect(answer.headers['content-type']).toMatch(/^text\/html/);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('in the forms of a journey ends nothing and breaks nothing', async () => {
    const browser = new Browser(server.app);
    const consent = await toConsent(browser, client);
    const { action } = formOf(consent, 'consent');
    const cookie = [...browser.cookies].map(([name, content]) => `${name}=${content}`).join('; ');
    await fc.assert(
      fc.asyncProperty(
        encoded,
        fc.constantFrom('sign-in', 'consent', 'refusal', 'switch-account', 'nothing'),
        text,
        async (payload, step, id) => {
          for (const url of [action.replace(/consent$/, step), `/interaction/${encode(id)}/${step}`]) {
            const answer = await server.app.inject({
              method: 'POST',
              url,
              headers: { 'content-type': FORM, cookie },
              payload,
            });
            expect(answer.statusCode).toBeGreaterThanOrEqual(400);
            expect(answer.statusCode).toBeLessThan(500);
          }
        },
      ),
      { numRuns: 150 },
    );
    expect((await browser.submit(consent, 'consent', { decision: 'approve' })).status).toBe(303);
  });

  it.each([
    ['a repeated parameter', 'grant_type=refresh_token&grant_type=refresh_token'],
    ['a NUL', 'grant_type=refresh%00token'],
    ['broken UTF-8', Buffer.from([0x61, 0x3d, 0xc3, 0x28])],
  ])('is refused when it is %s', async (_what, payload) => {
    const answer = await server.app.inject({
      method: 'POST',
      url: '/token',
      headers: { 'content-type': FORM },
      payload,
    });
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_request']);
  });

  it('stores no authorization request larger than a URL, and a large one within it', async () => {
    const ask = (state: string) =>
      server.app.inject({
        method: 'POST',
        url: '/authorize',
        headers: { 'content-type': FORM },
        payload: client.authorizePath({ state }).split('?')[1] ?? '',
      });
    expect((await ask('x'.repeat(60_000))).statusCode).toBe(413);
    expect((await ask('x'.repeat(7_000))).statusCode).toBe(303);
  });

  it('lets nobody authenticate twice in one request: a proxy may have looked at the other (AS-53)', async () => {
    const two = await server.app.inject({
      method: 'POST',
      url: '/token',
      headers: { 'content-type': FORM, authorization: ['Basic YTpi', 'Basic Yzpk'] as unknown as string },
      payload: 'grant_type=refresh_token&refresh_token=x',
    });
    expect([two.statusCode, two.json<{ error: string }>().error]).toEqual([400, 'invalid_request']);
  });

  it('shows nothing of the inside, also when it cannot be routed', async () => {
    for (const url of [
      '/%zz',
      '/interaction/%',
      `/interaction/${'x'.repeat(3000)}`,
      '/interaction/%2e%2e',
      '/..%2f..%2fetc',
      '//',
      '/interaction//consent',
    ]) {
      const answer = await server.app.inject({ url, headers: { accept: 'text/html' } });
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode).toBeLessThan(500);
      expect(answer.body).not.toMatch(/FST_|node_modules|at \w+ \(|stack/);
    }
  });
});

function encode(content: string): string {
  return encodeURIComponent(content.toWellFormed());
}

/** What an HTTP request line can carry at all. */
function asciiOnly(content: string): string {
  return content.replace(/[^\x21-\x7e]/g, (character) => encode(character));
}
