import { describe, expect, it } from '@jest/globals';
import { memoryCore } from '../testing/memory-core.js';

const PUBLIC = { redirect_uris: ['http://127.0.0.1/callback'], token_endpoint_auth_method: 'none' };
const refusal = (code: string, reason: string, status: number) => expect.objectContaining({ code, reason, status });

async function house(registration: 'open' | 'token' | 'closed') {
  const core = memoryCore({ policy: { registration } });
  const { id, token } = await core.initialAccess.create({ label: 'team', uses: 2, lifetime: 3600 });
  const register = (authorization?: string, body: object = PUBLIC) => core.registration.register(body, authorization);
  return { core, id, token, register, usesLeft: async () => (await core.initialAccess.list())[0]?.usesLeft };
}

describe('registration with an initial access token (AS-104)', () => {
  it('works as often as it has uses, and gives even a public client a registration of its own', async () => {
    const { token, register, usesLeft } = await house('token');
    const one = await register(`Bearer ${token}`);
    expect(one.registration_access_token).toMatch(/^ghm_/);
    const other = await register(`bearer ${token}`);
    expect(other.client_id).not.toBe(one.client_id);
    expect(await usesLeft()).toBe(0);
    await expect(register(`Bearer ${token}`)).rejects.toEqual(
      refusal('invalid_token', 'unusable_initial_access_token', 401),
    );
  });

  it('does not spend a use on metadata that is refused', async () => {
    const { token, register, usesLeft } = await house('token');
    await expect(register(`Bearer ${token}`, { redirect_uris: ['javascript:x'] })).rejects.toMatchObject({
      status: 400,
    });
    expect(await usesLeft()).toBe(2);
  });

  it('has as many winners as uses when many come at once', async () => {
    const { core, token, register } = await house('token');
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => register(`Bearer ${token}`)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(core.database.clients.size).toBe(2);
  });

  it('asks for one before it looks at anything else', async () => {
    const { core, register } = await house('token');
    await expect(register(undefined, {})).rejects.toEqual(refusal('invalid_token', 'no_initial_access_token', 401));
    await expect(register('Bearer ght_guess', {})).rejects.toEqual(
      refusal('invalid_token', 'unusable_initial_access_token', 401),
    );
    expect(core.database.clients.size).toBe(0);
  });

  it('takes neither an expired nor a revoked one, nor a token of another kind', async () => {
    const { core, id, token, register } = await house('token');
    const { registration_access_token } = await register(`Bearer ${token}`);
    const unusable = refusal('invalid_token', 'unusable_initial_access_token', 401);
    await expect(register(`Bearer ${registration_access_token!}`)).rejects.toEqual(unusable);
    expect(await core.initialAccess.revoke(id)).toBe(true);
    expect(await core.initialAccess.revoke(id)).toBe(false);
    await expect(register(`Bearer ${token}`)).rejects.toEqual(unusable);
    const second = await core.initialAccess.create({ label: 'late', uses: 1, lifetime: 60 });
    core.clock.advance(60);
    await expect(register(`Bearer ${second.token}`)).rejects.toEqual(unusable);
    expect(core.auditTypes()).toEqual([
      'initial_access_token.created',
      'client.registered',
      'initial_access_token.revoked',
      'initial_access_token.created',
    ]);
  });

  it('stores no token', async () => {
    const { core, token } = await house('token');
    expect(JSON.stringify([...core.database.initialAccessTokens])).not.toContain(token.slice(4));
  });
});

describe('an open house', () => {
  it('needs none, but overlooks no bad one', async () => {
    const { token, register, usesLeft } = await house('open');
    await expect(register()).resolves.toBeDefined();
    await expect(register('Bearer ght_guess')).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(register('Basic eDp5')).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(register(`Bearer ${token}`)).resolves.toHaveProperty('registration_access_token');
    expect(await usesLeft()).toBe(1);
  });
});

describe('a closed house', () => {
  it('registers nobody, whatever is presented; who is in can still look after itself', async () => {
    const { core, token, register } = await house('closed');
    for (const authorization of [undefined, `Bearer ${token}`])
      await expect(register(authorization)).rejects.toEqual(refusal('access_denied', 'registration_closed', 403));
    expect(core.database.clients.size).toBe(0);
  });
});
