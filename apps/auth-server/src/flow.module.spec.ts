import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '@gatehouse/protocol';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { Browser } from './testing/browser.js';
import { REDIRECT_URI, TrialClient, approve, codeFor, toConsent } from './testing/client.js';
import {
  EXPENSES,
  INVOICES,
  PASSWORD,
  RESOURCE_SERVER,
  type TrialServer,
  startTrialServer,
} from './testing/trial-server.js';

describe('the journey of an MCP client', () => {
  let server: TrialServer;
  let client: TrialClient;

  beforeAll(async () => {
    server = await startTrialServer();
    client = await TrialClient.register(server.app);
  });
  afterAll(() => server.close());

  const introspect = async (token: string): Promise<{ active: boolean }> => {
    const answer = await server.app.inject({
      method: 'POST',
      url: '/introspect',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: basic(RESOURCE_SERVER.id, RESOURCE_SERVER.secret),
      },
      payload: new URLSearchParams({ token }).toString(),
    });
    expect(answer.headers['cache-control']).toBe('no-store');
    return answer.json();
  };

  it('leads from authorization through sign-in and consent to tokens, a refresh and their end', async () => {
    const browser = new Browser(server.app);
    const begun = await browser.get(client.authorizePath());
    expect(begun.status).toBe(303);
    expect(begun.location).toMatch(/^http:\/\/127\.0\.0\.1:4000\/interaction\/ghi_/);
    const signIn = await browser.follow(begun);
    expect([signIn.status, signIn.body]).toEqual([200, expect.stringContaining('<h1>Sign in</h1>')]);
    const signedIn = await browser.submit(signIn, 'sign-in', { username: ' Anna ', password: PASSWORD });
    expect(signedIn.status).toBe(303);
    const consent = await browser.follow(signedIn);
    for (const shown of [
      'Ledger assistant',
      'Invoices',
      INVOICES,
      '127.0.0.1:51234',
      'See invoices',
      'Create invoices',
      'Anna',
    ])
      expect(consent.body).toContain(shown);
    expect(consent.body).not.toContain('Pay money back');
    const approved = await browser.submit(consent, 'consent', { decision: 'approve' });
    expect(approved.status).toBe(303);
    const callback = new URL(approved.location ?? '');
    expect(callback.origin + callback.pathname).toBe(REDIRECT_URI);
    expect([...callback.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state']);
    expect(callback.searchParams.get('state')).toBe('a state');
    expect(callback.searchParams.get('iss')).toBe('http://127.0.0.1:4000');

    const issued = await client.redeem(callback.searchParams.get('code') ?? '');
    expect([issued.statusCode, issued.headers['cache-control'], issued.headers.pragma]).toEqual([
      200,
      'no-store',
      'no-cache',
    ]);
    const tokens = issued.json<{ access_token: string; refresh_token: string; expires_in: number; scope: string }>();
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'invoices:read invoices:write' });
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({
      typ: 'at+jwt',
      alg: 'ES256',
      kid: expect.any(String),
    });
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      iss: 'http://127.0.0.1:4000',
      aud: INVOICES,
      client_id: client.id,
      scope: 'invoices:read invoices:write',
    });
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true, aud: INVOICES });

    const refreshed = (await client.refresh(tokens.refresh_token)).json<{
      access_token: string;
      refresh_token: string;
    }>();
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    expect((await client.revoke(refreshed.refresh_token)).statusCode).toBe(200);
    expect(await introspect(refreshed.access_token)).toEqual({ active: false });
    const dead = await client.refresh(refreshed.refresh_token);
    expect([dead.statusCode, dead.json<{ error: string }>().error]).toEqual([400, 'invalid_grant']);
    expect((await client.revoke('ghr_never-seen')).statusCode).toBe(200);
  });

  it('does not ask a signed-in person to sign in again, but always asks for consent', async () => {
    const browser = new Browser(server.app);
    await approve(browser, client);
    const second = await browser.follow(await browser.get(client.authorizePath()));
    expect(second.body).toContain('<h1>Allow');
  });

  it('takes the authorization request from a form as well', async () => {
    const browser = new Browser(server.app);
    const begun = await browser.post('/authorize', [...new URLSearchParams(client.authorizeQuery())], {
      origin: 'https://app.example',
      'sec-fetch-site': 'cross-site',
    });
    expect(begun.status).toBe(303);
    expect((await browser.follow(begun)).body).toContain('<h1>Sign in</h1>');
  });

  it('grants what was left ticked, and nothing that was not on offer', async () => {
    const browser = new Browser(server.app);
    const consent = await toConsent(browser, client);
    const answer = await browser.submit(consent, 'consent', { decision: 'approve', scope: 'invoices:read' });
    const code = new URL(answer.location ?? '').searchParams.get('code') ?? '';
    expect((await client.redeem(code)).json()).toMatchObject({ scope: 'invoices:read' });

    const other = new Browser(server.app);
    const page = await toConsent(other, client);
    const widened = await other.submit(page, 'consent', { decision: 'approve', scope: 'invoices:refund' });
    expect(new URL(widened.location ?? '').searchParams.get('error')).toBe('access_denied');
  });

  it('brings a denial back to the client', async () => {
    const browser = new Browser(server.app);
    const answer = await browser.submit(await toConsent(browser, client), 'consent', { decision: 'deny' });
    const callback = new URL(answer.location ?? '');
    expect([answer.status, callback.searchParams.get('error'), callback.searchParams.get('state')]).toEqual([
      303,
      'access_denied',
      'a state',
    ]);
    expect(callback.searchParams.get('iss')).toBe('http://127.0.0.1:4000');
  });

  it('says which of the scopes asked for the person cannot hand on', async () => {
    const consent = await toConsent(new Browser(server.app), client, 'ben');
    expect(consent.body).toMatch(/you may not do it yourself.*Create invoices/s);
  });

  it('refuses by a page, and goes back only on a click, when nothing can be granted', async () => {
    const browser = new Browser(server.app);
    const refusal = await toConsent(browser, client, 'ben', { resource: EXPENSES, scope: 'expenses:read' });
    expect(refusal.body).toContain('Access cannot be given');
    const back = await browser.submit(refusal, 'refusal');
    expect([back.status, new URL(back.location ?? '').searchParams.get('error')]).toEqual([303, 'access_denied']);
  });

  it('shows sign-in, not a redirect, to an anonymous browser whose request must be refused', async () => {
    const browser = new Browser(server.app);
    const page = await browser.follow(await browser.get(client.authorizePath({ scope: 'no:such' })));
    expect([page.status, page.location]).toEqual([200, undefined]);
    expect(page.body).toContain('<h1>Sign in</h1>');
    const refusal = await browser.follow(
      await browser.submit(page, 'sign-in', { username: 'anna', password: PASSWORD }),
    );
    expect(refusal.body).toContain('invalid_scope');
  });

  it('lets a person take another account', async () => {
    const browser = new Browser(server.app);
    const consent = await toConsent(browser, client);
    const signIn = await browser.follow(await browser.submit(consent, 'switch-account'));
    expect(signIn.body).toContain('<h1>Sign in</h1>');
    const again = await browser.follow(
      await browser.submit(signIn, 'sign-in', { username: 'ben', password: PASSWORD }),
    );
    expect(again.body).toContain('Ben');
    expect(again.body).not.toContain('Anna');
  });

  it('gives one answer to a consent that is sent twice', async () => {
    const browser = new Browser(server.app);
    const consent = await toConsent(browser, client);
    const both = await Promise.all([1, 2].map(() => browser.submit(consent, 'consent', { decision: 'approve' })));
    expect(both.map(({ status }) => status).sort()).toEqual([303, 400]);
    const late = await browser.submit(consent, 'consent', { decision: 'approve' });
    expect([late.status, late.location]).toEqual([400, undefined]);
  });

  it('ends what a code gave birth to when the code comes back', async () => {
    const code = await codeFor(new Browser(server.app), client);
    const tokens = (await client.redeem(code)).json<{ access_token: string }>();
    expect((await client.redeem(code)).json()).toMatchObject({ error: 'invalid_grant' });
    expect(await introspect(tokens.access_token)).toEqual({ active: false });
  });
});
