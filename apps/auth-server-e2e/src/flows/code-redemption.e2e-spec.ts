import { beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '@gatehouse/protocol';
import { claimsOf, form, newPkce, type PageAgent, type RegisteredClient, tokensOf } from '@gatehouse/test-kit';
import { anna, expenses, house, invoices, stack } from './house.js';
import { auditTrail } from './audit-trail.js';

describe('the redemption of a code', () => {
  let client: RegisteredClient;
  let browser: PageAgent;

  beforeAll(async () => {
    client = await house.register();
    browser = house.browser();
  });
  const approved = async (scope = 'invoices:read') => {
    const pending = house.begin(client, { resource: invoices, scope });
    return { pending, code: await house.approve(browser, pending, { account: anna }) };
  };

  it('gives a short token for one audience, not to be stored by caches (AS-51, AS-60, AS-61)', async () => {
    const { pending, code } = await approved();
    const answer = await house.redeem(pending, code);
    const tokens = tokensOf(answer);
    expect(answer.header('cache-control')).toContain('no-store');
    expect(tokens.scope).toBe('invoices:read');
    const [header] = tokens.access_token.split('.');
    expect(JSON.parse(Buffer.from(header!, 'base64url').toString())).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    const claims = claimsOf(tokens.access_token);
    expect(claims).toMatchObject({
      iss: stack.issuer,
      aud: invoices,
      client_id: client.client_id,
      scope: 'invoices:read',
    });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(tokens.expires_in);
    expect(tokens.expires_in).toBeLessThanOrEqual(900);
  });

  it('refuses what is not all right, without spending the code (AS-57, AS-58)', async () => {
    const { pending, code } = await approved();
    const stranger = await house.register();
    const wrong: [Record<string, string | undefined>, string][] = [
      [{ code_verifier: newPkce().verifier }, 'invalid_grant'],
      [{ code_verifier: undefined }, 'invalid_grant'],
      [{ redirect_uri: 'http://127.0.0.1:33998/callback' }, 'invalid_grant'],
      [{ client_id: stranger.client_id }, 'invalid_grant'],
      [{ resource: expenses }, 'invalid_target'],
      [{ client_id: 'nobody' }, 'invalid_client'],
      [{ client_id: undefined }, 'invalid_client'],
      [{ grant_type: 'password' }, 'unsupported_grant_type'],
      [{ grant_type: undefined }, 'invalid_request'],
      [{ code: undefined }, 'invalid_request'],
    ];
    for (const [change, error] of wrong) {
      const answer = await house.redeem(pending, code, change);
      expect([change, answer.status >= 400 && answer.status < 500, answer.error]).toEqual([change, true, error]);
      expect(answer.header('cache-control')).toContain('no-store');
    }
    expect((await house.redeem(pending, code)).status).toBe(200);
  });

  it('refuses a code that comes a second time and ends what it gave birth to (AS-31, AS-58)', async () => {
    const { pending, code } = await approved();
    const tokens = tokensOf(await house.redeem(pending, code));
    expect((await house.redeem(pending, code, { code_verifier: newPkce().verifier })).error).toBe('invalid_grant');
    const alive = tokensOf(await house.refresh({ client, resource: invoices }, tokens.refresh_token));
    expect((await house.redeem(pending, code)).error).toBe('invalid_grant');
    expect((await house.refresh({ client, resource: invoices }, alive.refresh_token)).error).toBe('invalid_grant');
    const introspection = stack.introspection;
    const state = await house.introspect(
      basic(introspection.clientId, introspection.clientSecret),
      tokens.access_token,
    );
    expect(state.json()).toEqual({ active: false });
    const trail = await auditTrail(tokens.access_token);
    expect(trail).toContainEqual({ type: 'code.reused', reason: 'code_reused' });
  });

  it('takes form posts only, and no credentials in the URL (AS-50, AS-52)', async () => {
    const { pending, code } = await approved();
    const body = {
      grant_type: 'authorization_code',
      code,
      client_id: client.client_id,
      code_verifier: pending.pkce.verifier,
    };
    const asJson = await house.ask('token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([asJson.status, asJson.error]).toEqual([400, 'invalid_request']);
    expect((await house.ask('token')).status).toBe(405);
    const inUrl = await house.ask('token?client_secret=x', form(body));
    expect([inUrl.status, inUrl.error]).toEqual([400, 'invalid_request']);
    const twice = await house.ask('token', form([...Object.entries(body), ['code', code]]));
    expect([twice.status, twice.error]).toEqual([400, 'invalid_request']);
    expect((await house.redeem(pending, code)).status).toBe(200);
  });

  it('holds a confidential client to the method it registered (AS-53, AS-55)', async () => {
    const confidential = await house.register({
      redirect_uris: ['https://app.example/cb'],
      application_type: 'web',
      token_endpoint_auth_method: 'client_secret_basic',
    });
    const pending = house.begin(confidential, { resource: invoices });
    const code = await house.approve(browser, pending, { account: anna });
    const secret = confidential.client_secret!;
    const send = (fields: Record<string, string | undefined>, headers: Record<string, string>) =>
      house.token(
        {
          grant_type: 'authorization_code',
          code,
          redirect_uri: pending.redirectUri,
          code_verifier: pending.pkce.verifier,
          ...fields,
        },
        headers,
      );
    const id = confidential.client_id;
    expect((await send({ client_id: id }, {})).error).toBe('invalid_client');
    expect((await send({ client_id: id, client_secret: secret }, {})).error).toBe('invalid_client');
    const wrong = await send({}, { authorization: basic(id, 'wrong') });
    expect([wrong.status, wrong.error]).toEqual([401, 'invalid_client']);
    expect(wrong.header('www-authenticate')).toMatch(/^Basic /);
    const both = await send({ client_secret: secret }, { authorization: basic(id, secret) });
    expect([both.status, both.error]).toEqual([400, 'invalid_request']);
    expect((await send({}, { authorization: basic(id, secret) })).status).toBe(200);
  });

  it('gives no refresh token to a client that did not register the grant (AS-67, AS-70)', async () => {
    const once = await house.register({ grant_types: ['authorization_code'] });
    const pending = house.begin(once, { resource: invoices });
    const answer = await house.redeem(pending, await house.approve(browser, pending, { account: anna }));
    expect(answer.status).toBe(200);
    expect(answer.json()).not.toHaveProperty('refresh_token');
    const tried = await house.refresh({ client: once, resource: invoices }, 'ghr_x');
    expect([tried.status, tried.error]).toEqual([400, 'unauthorized_client']);
  });
});
