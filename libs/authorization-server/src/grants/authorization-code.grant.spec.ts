import { describe, expect, it } from '@jest/globals';
import type { Client } from '../clients/client.js';
import { approvedCode, form, memoryCore, REDIRECT, VERIFIER } from '../testing/memory-core.js';

const OTHER_VERIFIER = 'a'.repeat(43);

async function house(overrides: Partial<Client> = {}) {
  const core = memoryCore();
  const client = core.client(overrides);
  const resource = core.resource();
  const person = core.person(resource);
  const code = await approvedCode(core, client, resource, person);
  const redeem = (more: Record<string, string | undefined> = {}) =>
    core.token.handle({
      parameters: form({
        grant_type: 'authorization_code',
        client_id: client.id,
        code,
        code_verifier: VERIFIER,
        ...more,
      }),
    });
  const authorizations = () => [...core.database.authorizations.values()];
  return { core, client, resource, person, code, redeem, authorizations };
}
type House = Awaited<ReturnType<typeof house>>;

const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });
const REUSED = refusal('invalid_grant', 'code_reused');

describe('an honest redemption', () => {
  it('gives birth to an authorization with what was approved', async () => {
    const { core, client, resource, person, redeem, authorizations } = await house();
    const response = await redeem();
    expect(response).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'invoices:read invoices:write',
      refresh_token: expect.stringMatching(/^ghr_/),
    });
    expect(authorizations()).toEqual([
      expect.objectContaining({
        clientId: client.id,
        accountId: person.accountId,
        resource: resource.identifier,
        scopes: ['invoices:read', 'invoices:write'],
        authenticatedAt: person.authenticatedAt,
      }),
    ]);
    expect(core.auditTypes()).toEqual(['consent.granted', 'code.redeemed']);
  });

  it('costs three store calls: client, code, one conditional write; and one more on the first of a client in a day', async () => {
    const { core, client, resource, redeem } = await house();
    const first = core.database.verbs;
    await redeem();
    expect(core.database.verbs - first).toBe(4);
    const code = await approvedCode(core, client, resource);
    const second = core.database.verbs;
    await redeem({ code });
    expect(core.database.verbs - second).toBe(3);
  });

  it('gives no refresh token to a client that is not registered for refreshing', async () => {
    const { redeem, authorizations } = await house({ grantTypes: ['authorization_code'] });
    expect(await redeem()).not.toHaveProperty('refresh_token');
    expect(authorizations()[0]).not.toHaveProperty('refresh');
  });

  it('may repeat the redirect URI, the resource and ignored parameters', async () => {
    const { resource, redeem } = await house();
    const more = { redirect_uri: REDIRECT, resource: resource.identifier, scope: 'anything at all', foo: '1' };
    await expect(redeem(more)).resolves.toBeDefined();
  });

  it('burns nothing while no key may sign', async () => {
    const { core, redeem, authorizations } = await house();
    core.signer.available = false;
    await expect(redeem()).rejects.toEqual(refusal('temporarily_unavailable', 'keys_unavailable'));
    expect(authorizations()).toEqual([]);
    core.signer.available = true;
    await expect(redeem()).resolves.toBeDefined();
  });

  it('gives no scope that was taken from the person since', async () => {
    const { core, resource, person, redeem } = await house();
    await core.entitlements.grant(person.accountId, resource.identifier, ['invoices:read']);
    expect((await redeem()).scope).toBe('invoices:read');
  });
});

/** What somebody can get wrong who has seen the code, with the refusal it earns. */
const MISMATCHES: readonly (readonly [string, (house: House) => Record<string, string>, string, string])[] = [
  ['another verifier', () => ({ code_verifier: OTHER_VERIFIER }), 'invalid_grant', 'wrong_code_verifier'],
  ['a malformed verifier', () => ({ code_verifier: 'short' }), 'invalid_grant', 'wrong_code_verifier'],
  ['no verifier', () => ({ code_verifier: '' }), 'invalid_grant', 'missing_code_verifier'],
  ['another client', ({ core }) => ({ client_id: core.client().id }), 'invalid_grant', 'code_of_other_client'],
  [
    'another run-time port',
    () => ({ redirect_uri: REDIRECT.replace('51234', '51235') }),
    'invalid_grant',
    'redirect_uri_mismatch',
  ],
  ['another redirect URI', () => ({ redirect_uri: 'https://evil.example/' }), 'invalid_grant', 'redirect_uri_mismatch'],
  [
    'another resource',
    ({ core }) => ({ resource: core.resource().identifier }),
    'invalid_target',
    'resource_not_granted',
  ],
  ['a malformed resource', () => ({ resource: 'mcp' }), 'invalid_target', 'malformed_resource'],
];

describe('a request that does not match the code', () => {
  it.each(MISMATCHES)('with %s is refused, and does not burn the code', async (_what, more, code, reason) => {
    const it = await house();
    await expect(it.redeem(more(it))).rejects.toEqual(refusal(code, reason));
    expect(it.authorizations()).toEqual([]);
    await expect(it.redeem()).resolves.toBeDefined();
  });

  it.each(MISMATCHES)('with %s ends nothing after the code was spent', async (_what, more, code, reason) => {
    const it = await house();
    const { refresh_token } = await it.redeem();
    await expect(it.redeem(more(it))).rejects.toEqual(refusal(code, reason));
    expect(it.authorizations()[0]?.revoked).toBeUndefined();
    const parameters = form({ grant_type: 'refresh_token', client_id: it.client.id, refresh_token });
    await expect(it.core.token.handle({ parameters })).resolves.toBeDefined();
  });

  it('with an unknown code is refused', async () => {
    const { redeem, code } = await house();
    for (const unknown of ['ghc_unknown', code.slice(0, -1), `${code}x`])
      await expect(redeem({ code: unknown })).rejects.toEqual(refusal('invalid_grant', 'unknown_code'));
  });
});

describe('a code that is redeemed again', () => {
  it('ends what it gave birth to, and says so once', async () => {
    const { core, client, redeem, authorizations } = await house();
    const { refresh_token } = await redeem();
    await expect(redeem()).rejects.toEqual(REUSED);
    await expect(redeem()).rejects.toEqual(REUSED);
    expect(authorizations()[0]?.revoked).toEqual({ at: core.clock.now(), reason: 'code_reused' });
    expect(core.database.audit.filter(({ type }) => type === 'code.reused')).toEqual([
      expect.objectContaining({ reason: 'code_reused', authorizationId: authorizations()[0]?.id, clientId: client.id }),
    ]);
    const parameters = form({ grant_type: 'refresh_token', client_id: client.id, refresh_token });
    await expect(core.token.handle({ parameters })).rejects.toEqual(refusal('invalid_grant', 'authorization_revoked'));
  });

  it('ends it long after its own lifetime too: the code leaked', async () => {
    const { core, redeem, authorizations } = await house();
    await redeem();
    core.clock.advance(3600);
    await expect(redeem()).rejects.toEqual(REUSED);
    expect(authorizations()[0]?.revoked?.reason).toBe('code_reused');
  });

  it('has one winner of 50 parallel redemptions, whose authorization then ends', async () => {
    const { redeem, authorizations } = await house();
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => redeem()));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toEqual(REUSED);
    expect(authorizations()).toHaveLength(1);
    expect(authorizations()[0]?.revoked?.reason).toBe('code_reused');
  });
});

describe('a code in time', () => {
  it('is good until its last moment', async () => {
    const { core, redeem } = await house();
    core.clock.advance(core.policy.codeLifetime - 1);
    await expect(redeem()).resolves.toBeDefined();
  });

  it('is dead at its end', async () => {
    const { core, redeem, authorizations } = await house();
    core.clock.advance(core.policy.codeLifetime);
    await expect(redeem()).rejects.toEqual(refusal('invalid_grant', 'expired_code'));
    expect(authorizations()).toEqual([]);
  });

  it.each(['account', 'resource'] as const)('is worth nothing once the %s is disabled', async (party) => {
    const { core, person, resource, redeem, authorizations } = await house();
    if (party === 'account') core.database.disableAccount(person.accountId);
    else core.database.disableResource(resource.identifier, core.clock.now());
    await expect(redeem()).rejects.toEqual(refusal('invalid_grant', `disabled_${party}`));
    expect(authorizations()).toEqual([]);
  });

  it('is worth nothing once the person may hand on none of its scopes', async () => {
    const { core, person, resource, redeem } = await house();
    await core.entitlements.grant(person.accountId, resource.identifier, ['invoices:refund']);
    await expect(redeem()).rejects.toEqual(refusal('invalid_grant', 'scope_not_entitled'));
  });

  it('is refused for the party, not as reuse, when the party is disabled between read and write', async () => {
    const { core, person, redeem, authorizations } = await house();
    const redeemStored = core.codes.redeem.bind(core.codes);
    core.codes.redeem = (...args) => {
      core.database.disableAccount(person.accountId);
      return redeemStored(...args);
    };
    await expect(redeem()).rejects.toEqual(refusal('invalid_grant', 'disabled_account'));
    expect(authorizations()).toEqual([]);
  });
});
