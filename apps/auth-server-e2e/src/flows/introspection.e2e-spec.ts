import { describe, expect, it } from '@jest/globals';
import { basic } from '@gatehouse/protocol';
import { form } from '@gatehouse/test-kit';
import { anna, house, invoices, stack } from './house.js';

const { clientId, clientSecret } = stack.introspection;
const credentials = basic(clientId, clientSecret);

describe('introspection and revocation', () => {
  it('tell a resource server about its access tokens, and nobody else (AS-110)', async () => {
    const { tokens, client } = await house.connected({ decision: { account: anna }, resource: invoices });
    const answer = await house.introspect(credentials, tokens.access_token);
    expect(answer.json()).toMatchObject({
      active: true,
      iss: stack.issuer,
      aud: invoices,
      client_id: client.client_id,
      scope: 'invoices:read',
      exp: expect.any(Number),
    });
    expect(answer.header('cache-control')).toContain('no-store');
    const inForm = await house.ask(
      'introspect',
      form({ token: tokens.access_token, client_id: clientId, client_secret: clientSecret }),
    );
    expect(inForm.json()).toMatchObject({ active: true });

    for (const authorization of [
      basic(clientId, 'wrong'),
      basic('nobody', clientSecret),
      basic(client.client_id, 'x'),
    ]) {
      const refused = await house.introspect(authorization, tokens.access_token);
      expect([refused.status, refused.error]).toEqual([401, 'invalid_client']);
      expect(refused.header('www-authenticate')).toMatch(/^Basic /);
    }
    const anonymous = await house.ask('introspect', form({ token: tokens.access_token }));
    expect([400, 401]).toContain(anonymous.status);
    expect(anonymous.error).toBe('invalid_client');
  });

  it('say nothing but inactive about what is no access token (AS-110)', async () => {
    const { tokens } = await house.connected({ decision: { account: anna }, resource: invoices });
    const [head, body, signature] = tokens.access_token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    for (const token of [
      'x',
      tokens.refresh_token,
      `${none}.${body!}.`,
      `${head!}.${body!}.${signature!.slice(0, -4)}AAAA`,
      `${tokens.access_token}x`,
      'a.b.c',
    ]) {
      const answer = await house.introspect(credentials, token);
      expect([answer.status, answer.json()]).toEqual([200, { active: false }]);
    }
  });

  it('end an authorization by either token, for its own client only (AS-111)', async () => {
    for (const kind of ['access_token', 'refresh_token'] as const) {
      const session = await house.connected({ decision: { account: anna }, resource: invoices });
      const stranger = await house.register();
      const foreign = await house.revoke(stranger, session.tokens[kind]);
      expect(foreign.status).toBeLessThan(500);
      expect((await house.introspect(credentials, session.tokens.access_token)).json()['active']).toBe(true);

      expect((await house.revoke(session.client, session.tokens[kind], { token_type_hint: 'nonsense' })).status).toBe(
        200,
      );
      expect((await house.introspect(credentials, session.tokens.access_token)).json()).toEqual({ active: false });
      expect((await house.refresh(session, session.tokens.refresh_token)).error).toBe('invalid_grant');
      expect((await house.revoke(session.client, session.tokens[kind])).status).toBe(200);
      expect((await house.revoke(session.client, 'unknown')).status).toBe(200);
    }
  });

  it('want a client that says who it is (AS-111)', async () => {
    const answer = await house.ask('revoke', form({ token: 'x' }));
    expect([400, 401]).toContain(answer.status);
    expect(answer.error).toBe('invalid_client');
    const missing = await house.revoke(await house.register(), '');
    expect([missing.status, missing.error]).toEqual([400, 'invalid_request']);
  });
});
