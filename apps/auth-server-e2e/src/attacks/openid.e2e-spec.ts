import { beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '@gatehouse/protocol';
import { claimsOf, form, McpRaw, readChallenge, type RegisteredClient } from '@gatehouse/test-kit';
import { anna, house, invoices, stack } from '../flows/house.js';
import { type Archive, openArchive, seedCommand, whileDisabled } from './operator.js';
import { reasonsOf } from './refusals.js';

interface Answered {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  readonly scope: string;
}

/**
 * Tokens of one kind or place presented as those of another, and what may be told of whom: CVE-2021-27582 (scopes swapped
 * at consent), the ID token taken for an access token (RFC 9068 §6), the nonce of another flow (OpenID Connect Core §15.5.2).
 */
describe('identity', () => {
  let client: RegisteredClient;
  let archive: Archive;
  beforeAll(async () => {
    client = await house.register();
    archive = openArchive();
  });

  async function granted(
    scope: string,
    more: { resource?: string; untick?: readonly string[]; nonce?: string; account?: typeof anna } = {},
  ): Promise<Answered> {
    const { resource, untick = [], nonce, account = anna } = more;
    const pending = house.begin(client, { resource, scope, parameters: { nonce } });
    const code = await house.approve(house.browser(), pending, { account, untick });
    return (await house.redeem(pending, code)).json<Answered & Record<string, unknown>>();
  }
  const userinfo = (token: string, path = 'userinfo') =>
    house.ask(path, { headers: { authorization: `Bearer ${token}` } });
  /** The answer of userinfo to the token: status, error of the challenge, and the reason as the house counted it. */
  async function refusedThere(token: string, path?: string) {
    let seen: [number, string | undefined] | undefined;
    const reasons = await reasonsOf(async () => {
      const answer = await userinfo(token, path);
      seen = [answer.status, readChallenge(answer.header('www-authenticate')).parameters['error']];
    });
    return [...(seen ?? []), reasons];
  }

  it('an ID token opens nothing: no resource, no userinfo, no introspection, no refresh', async () => {
    const { id_token, access_token } = await granted('invoices:read openid', { resource: invoices });
    const call = async (token: string) => (await new McpRaw(invoices).modern('tools/list', { token })).status;
    let status: number | undefined;
    const reasons = await reasonsOf(async () => {
      status = await call(id_token);
    }, 'resource-server');
    expect([status, reasons]).toEqual([401, ['wrong_token_type']]);
    expect(await call(access_token)).toBe(200);

    expect(await refusedThere(id_token)).toEqual([401, 'invalid_token', ['malformed_access_token']]);
    const { clientId, clientSecret } = stack.introspection;
    expect((await house.introspect(basic(clientId, clientSecret), id_token)).json()).toEqual({ active: false });
    const refreshed = await house.refresh({ client, resource: undefined }, id_token);
    expect([refreshed.status, refreshed.error]).toEqual([400, 'invalid_grant']);
  });

  it('the token of a resource tells nothing about the person, and that of userinfo opens no resource', async () => {
    const mixed = await granted('invoices:read openid profile email', { resource: invoices });
    expect(claimsOf(mixed.access_token)['scope']).toBe('invoices:read');
    expect(await refusedThere(mixed.access_token)).toEqual([401, 'invalid_token', ['wrong_audience']]);

    const own = await granted('openid profile');
    expect((await userinfo(own.access_token)).status).toBe(200);
    const answer = await new McpRaw(invoices).modern('tools/list', { token: own.access_token });
    expect([answer.status, readChallenge(answer.header('www-authenticate')).parameters['error']]).toEqual([
      401,
      'invalid_token',
    ]);
  });

  it('userinfo answers nobody whose grant was ended, however young the token', async () => {
    const { access_token, refresh_token } = await granted('openid email');
    expect((await userinfo(access_token)).json()).toMatchObject({ email: 'anna@example.com' });
    await house.revoke(client, refresh_token);
    expect(await refusedThere(access_token)).toEqual([401, 'invalid_token', ['authorization_revoked']]);
  });

  it('userinfo tells nothing of a disabled account, and does again afterwards', async () => {
    const { access_token } = await granted('openid profile', { account: archive.archivist });
    await whileDisabled('accounts', archive.archivist.username, async () => {
      expect(await refusedThere(access_token)).toEqual([401, 'invalid_token', ['disabled_account']]);
    });
    expect((await userinfo(access_token)).json()).toMatchObject({ preferred_username: archive.archivist.username });
  });

  it('userinfo takes no token from an URL or a form, where it would be logged or come without leave', async () => {
    const { access_token } = await granted('openid');
    expect((await house.ask(`userinfo?access_token=${access_token}`)).status).toBe(401);
    expect((await house.ask('userinfo', form({ access_token }))).status).toBe(401);
    expect((await house.ask('userinfo')).status).toBe(401);
  });

  it('a code of another flow brings no ID token into this one, and each flow gets its own nonce', async () => {
    const [mine, theirs] = [
      house.begin(client, { scope: 'openid', parameters: { nonce: 'mine' } }),
      house.begin(client, { scope: 'openid', parameters: { nonce: 'theirs' } }),
    ];
    const injected = await house.approve(house.browser(), theirs, { account: anna });
    const refused = await house.redeem(mine, injected);
    expect([refused.status, refused.error]).toEqual([400, 'invalid_grant']);
    const honest = (await house.redeem(theirs, injected)).json<{ id_token: string; refresh_token: string }>();
    expect(claimsOf(honest.id_token)['nonce']).toBe('theirs');
    const later = (await house.refresh({ client, resource: undefined }, honest.refresh_token)).json<{
      id_token: string;
    }>();
    expect(claimsOf(later.id_token)).not.toHaveProperty('nonce');
  });

  it('says nothing of a person that she did not agree to, whatever the client asked for', async () => {
    const bare = await granted('invoices:read openid profile email', {
      resource: invoices,
      untick: ['profile', 'email'],
    });
    const own = await granted('openid profile email', { untick: ['profile', 'email'] });
    const told = JSON.stringify([
      claimsOf(bare.id_token),
      claimsOf(own.id_token),
      (await userinfo(own.access_token)).json(),
    ]);
    expect(told).not.toMatch(/anna|Berg|example\.com/i);
    expect(own.scope).toBe('openid');
    const refreshed = await house.refresh({ client, resource: undefined }, own.refresh_token, {
      scope: 'openid email',
    });
    expect([refreshed.status, refreshed.error]).toEqual([400, 'invalid_scope']);
  });

  it('cannot be had in the place of what was asked for: identity alone is no consent to a resource', async () => {
    const pending = house.begin(client, { resource: invoices, scope: 'invoices:read openid' });
    const decision = { account: anna, untick: ['invoices:read'] };
    const end = await house.browser().authorize(pending.url, decision, pending.redirectUri);
    expect([end.parameters.get('code'), end.parameters.get('error')]).toEqual([null, 'access_denied']);
  });

  it.each(['openid', 'profile', 'email', 'offline_access'])(
    'a resource that calls a right of its own %s is not published',
    (name) => {
      const { status, stderr } = seedCommand({
        resources: [
          {
            identifier: 'http://127.0.0.1:9/posing/mcp',
            name: 'Posing',
            scopes: [{ name, description: 'Move money' }],
            defaultScopes: [name],
          },
        ],
        resourceServer: { id: 'posing', secret: 'x'.repeat(43) },
        accounts: [],
      });
      expect(status).not.toBe(0);
      expect(stderr).toContain('reserved');
    },
  );
});
