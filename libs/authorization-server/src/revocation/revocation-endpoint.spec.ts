import { describe, expect, it } from '@jest/globals';
import { firstRefreshToken } from '../authorizations/refresh-token.js';
import { form, grantedTokens, memoryCore } from '../testing/memory-core.js';

async function house() {
  const core = memoryCore();
  const granted = await grantedTokens(core);
  const revoke = (token: string, client_id: string = granted.client.id, more: Record<string, string> = {}) =>
    core.revocation.revoke({ parameters: form({ client_id, token, ...more }) });
  const refresh = (refresh_token: string) =>
    core.token.handle({
      parameters: form({ grant_type: 'refresh_token', client_id: granted.client.id, refresh_token }),
    });
  return { core, ...granted, revoke, refresh, stored: () => core.database.authorizations.get(granted.authorizationId) };
}
const OVER = expect.objectContaining({ code: 'invalid_grant', reason: 'authorization_revoked' });

describe('revocation', () => {
  it.each(['refresh_token', 'access_token'] as const)('by the %s ends the whole authorization', async (kind) => {
    const { core, client, authorizationId, tokens, revoke, refresh, stored, refreshToken } = await house();
    await revoke(tokens[kind]!);
    expect(stored()?.revoked).toEqual({ at: core.clock.now(), reason: 'revoked_by_client' });
    await expect(refresh(refreshToken)).rejects.toEqual(OVER);
    expect(core.database.audit.slice(-1)).toEqual([
      { type: 'token.revoked', at: core.clock.now(), clientId: client.id, authorizationId },
    ]);
  });

  it('takes a spent refresh token too: the client may not have got the newer one', async () => {
    const { revoke, refresh, stored, refreshToken } = await house();
    const second = (await refresh(refreshToken)).refresh_token!;
    await refresh(second);
    await revoke(refreshToken);
    expect(stored()?.revoked?.reason).toBe('revoked_by_client');
  });

  it('ignores a wrong hint', async () => {
    const { client, revoke, stored, refreshToken } = await house();
    await revoke(refreshToken, client.id, { token_type_hint: 'access_token' });
    expect(stored()?.revoked).toBeDefined();
  });

  it('is content with what is unknown, expired or over already, and leaves one event', async () => {
    const { core, revoke, tokens, refreshToken } = await house();
    await revoke('what is this');
    await revoke(refreshToken);
    await revoke(refreshToken);
    await revoke(tokens.access_token);
    core.clock.advance(600);
    await revoke(tokens.access_token);
    expect(core.auditTypes().filter((type) => type === 'token.revoked')).toHaveLength(1);
  });

  it('does not let a token that only names a family end it', async () => {
    const { core, authorizationId, revoke, stored } = await house();
    await revoke(firstRefreshToken(authorizationId, core.clock.now()).text);
    expect(stored()?.revoked).toBeUndefined();
  });

  it.each(['refresh_token', 'access_token'] as const)('does not let another client end it by the %s', async (kind) => {
    const { core, tokens, revoke, refresh, stored, refreshToken } = await house();
    await expect(revoke(tokens[kind]!, core.client().id)).rejects.toMatchObject({
      code: 'invalid_grant',
      reason: 'token_of_other_client',
    });
    expect(stored()?.revoked).toBeUndefined();
    await expect(refresh(refreshToken)).resolves.toBeDefined();
  });

  it('asks who is calling first', async () => {
    const { core, refreshToken, stored } = await house();
    await expect(core.revocation.revoke({ parameters: form({ token: refreshToken }) })).rejects.toMatchObject({
      code: 'invalid_client',
    });
    expect(stored()?.revoked).toBeUndefined();
  });

  it('wants a token', async () => {
    const { revoke } = await house();
    await expect(revoke('')).rejects.toMatchObject({ code: 'invalid_request', reason: 'missing_parameter' });
  });
});
