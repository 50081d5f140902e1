import { after, type AuthorizationId } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { firstRefreshToken, parseRefreshToken } from '../authorizations/refresh-token.js';
import { form, grantedTokens, memoryCore } from '../testing/memory-core.js';

const RETRY_WINDOW = 30;

async function house() {
  const core = memoryCore({ policy: { refreshRetryWindow: RETRY_WINDOW } });
  const granted = await grantedTokens(core);
  const { client, authorizationId } = granted;
  const refresh = (refreshToken: string, more: Record<string, string> = {}) =>
    core.token.handle({
      parameters: form({ grant_type: 'refresh_token', client_id: client.id, refresh_token: refreshToken, ...more }),
    });
  return {
    core,
    ...granted,
    refresh,
    next: async (refreshToken: string) => (await refresh(refreshToken)).refresh_token!,
    stored: () => core.database.authorizations.get(authorizationId)!,
    reuses: () => core.database.audit.filter(({ type }) => type === 'refresh.reused'),
  };
}
type House = Awaited<ReturnType<typeof house>>;

const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });
const REUSED = refusal('invalid_grant', 'refresh_token_reused');

describe('an honest refresh', () => {
  it('rotates the token, keeps scope and resource, and moves the idle end', async () => {
    const { core, refresh, refreshToken, stored } = await house();
    core.clock.advance(300);
    const response = await refresh(refreshToken);
    expect(response).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'invoices:read invoices:write' });
    expect(response.refresh_token).not.toBe(refreshToken);
    expect(stored().refresh?.idleExpiresAt).toEqual(after(core.clock.now(), core.policy.refreshIdleLifetime));
    expect(core.auditTypes()).toEqual(['consent.granted', 'code.redeemed', 'refresh.rotated']);
    expect(await core.accessTokens.read(response.access_token)).toMatchObject({
      scope: 'invoices:read invoices:write',
    });
  });

  it('costs three store calls: client, authorization, one conditional write', async () => {
    const { core, refresh, refreshToken } = await house();
    const before = core.database.verbs;
    await refresh(refreshToken);
    expect(core.database.verbs - before).toBe(3);
  });

  it('may narrow the access token without narrowing what comes after', async () => {
    const { refresh, refreshToken } = await house();
    const narrow = await refresh(refreshToken, { scope: 'invoices:read offline_access' });
    expect(narrow.scope).toBe('invoices:read');
    expect((await refresh(narrow.refresh_token!)).scope).toBe('invoices:read invoices:write');
  });

  it('never outlives the authorization, however busy the client is', async () => {
    const { core, refreshToken, next, refresh, stored } = await house();
    let token = refreshToken;
    while (core.clock.now() < after(stored().createdAt, core.policy.authorizationLifetime - 86_400 * 20)) {
      token = await next(token);
      core.clock.advance(86_400 * 20);
    }
    token = await next(token);
    expect(stored().refresh?.idleExpiresAt).toEqual(stored().expiresAt);
    core.clock.advance(86_400 * 20);
    await expect(refresh(token)).rejects.toEqual(refusal('invalid_grant', 'authorization_expired'));
    expect(stored().revoked).toBeUndefined();
  });

  it('gets the same successor again when the answer was lost', async () => {
    const { core, refresh, refreshToken, stored } = await house();
    const lost = await refresh(refreshToken);
    core.clock.advance(RETRY_WINDOW);
    const again = await refresh(refreshToken);
    expect(again.refresh_token).toBe(lost.refresh_token);
    expect(again.access_token).not.toBe(lost.access_token);
    expect(stored().refresh?.generation).toBe(1);
    expect(core.auditTypes().slice(-2)).toEqual(['refresh.rotated', 'refresh.answered_again']);
    await expect(refresh(again.refresh_token!)).resolves.toBeDefined();
  });

  it('gets the same successor again after the key-encryption key was changed', async () => {
    const { core, refresh, refreshToken } = await house();
    const lost = await refresh(refreshToken);
    core.vault.masters = ['newer', 'newest'];
    expect((await refresh(refreshToken)).refresh_token).toBe(lost.refresh_token);
  });

  it('is put off, not refused, by a replica that does not know the key of the last rotation', async () => {
    const { core, refresh, refreshToken, stored } = await house();
    const lost = await refresh(refreshToken);
    core.vault.masters = ['another'];
    await expect(refresh(refreshToken)).rejects.toEqual(refusal('temporarily_unavailable', 'successor_underivable'));
    expect(stored().revoked).toBeUndefined();
    core.vault.masters = ['newest'];
    expect((await refresh(refreshToken)).refresh_token).toBe(lost.refresh_token);
  });

  it('burns nothing while no key may sign', async () => {
    const { core, refresh, refreshToken, stored } = await house();
    core.signer.available = false;
    await expect(refresh(refreshToken)).rejects.toEqual(refusal('temporarily_unavailable', 'keys_unavailable'));
    expect(stored().refresh?.generation).toBe(0);
    core.signer.available = true;
    await expect(refresh(refreshToken)).resolves.toBeDefined();
  });
});

describe('a theft ends the family, and the audit says why', () => {
  const thefts: Record<string, (house: House) => Promise<string>> = {
    'a spent token whose successor was used, even within the window': async ({ refreshToken, next }) => {
      await next(await next(refreshToken));
      return refreshToken;
    },
    'a spent token after the window, its successor still unused': async ({ core, refreshToken, next }) => {
      await next(refreshToken);
      core.clock.advance(RETRY_WINDOW + 1);
      return refreshToken;
    },
    'a token of any older generation': async ({ refreshToken, next }) => {
      const second = await next(refreshToken);
      let token = second;
      for (let count = 0; count < 20; count += 1) token = await next(token);
      return second;
    },
    'the very first token, a month later': async ({ core, refreshToken, next }) => {
      let token = refreshToken;
      for (let day = 0; day < 30; day += 1) {
        core.clock.advance(86_400);
        token = await next(token);
      }
      return refreshToken;
    },
    'the owner, when the thief was first and the window is over': async ({ core, refreshToken, next }) => {
      await next(refreshToken); // the thief
      core.clock.advance(600);
      return refreshToken; // the owner, at the next refresh
    },
    'the owner, when the thief was first and has gone on': async ({ refreshToken, next }) => {
      await next(await next(refreshToken)); // the thief, twice
      return refreshToken;
    },
    'whoever is second, when both got the same successor from the window': async ({ core, refreshToken, next }) => {
      const owners = await next(refreshToken);
      const thiefs = await next(refreshToken);
      expect(thiefs).toBe(owners);
      core.clock.advance(300);
      await next(owners);
      core.clock.advance(300);
      return thiefs;
    },
    'a spent token after answers within the window': async ({ core, refreshToken, next }) => {
      await next(refreshToken);
      await next(refreshToken);
      core.clock.advance(RETRY_WINDOW / 2);
      await next(refreshToken);
      core.clock.advance(RETRY_WINDOW / 2 + 1);
      return refreshToken;
    },
  };

  it.each(Object.keys(thefts))('%s', async (name) => {
    const it = await house();
    const replayed = await thefts[name]!(it);
    const events = it.core.database.audit.length;
    await expect(it.refresh(replayed)).rejects.toEqual(REUSED);
    expect(it.stored().revoked).toEqual({ at: it.core.clock.now(), reason: 'refresh_token_reused' });
    expect(it.core.database.audit.slice(events)).toEqual([
      expect.objectContaining({
        type: 'refresh.reused',
        reason: 'refresh_token_reused',
        authorizationId: it.authorizationId,
        clientId: it.client.id,
        accountId: it.person.accountId,
        detail: {
          generation: parseRefreshToken(replayed)?.generation,
          currentGeneration: it.stored().refresh?.generation,
          why: expect.stringMatching(/^(retry window over|successor already used)$/),
        },
      }),
    ]);
  });

  it('leaves no token of the family alive, and reports the theft once', async () => {
    const { core, refresh, refreshToken, next, reuses } = await house();
    const second = await next(refreshToken);
    const third = await next(second);
    await expect(refresh(refreshToken)).rejects.toEqual(REUSED);
    for (const token of [refreshToken, second, third])
      await expect(refresh(token)).rejects.toEqual(refusal('invalid_grant', 'authorization_revoked'));
    expect(reuses()).toHaveLength(1);
    expect(core.auditTypes().filter((type) => type === 'refresh.answered_again')).toEqual([]);
  });
});

describe('a stranger cannot end a family', () => {
  const forgeries: Record<string, (house: House) => Promise<string> | string> = {
    'with a token that only names it': ({ authorizationId }: House) =>
      firstRefreshToken(authorizationId, new Date(0)).text,
    'with the secret of another family under its name': async ({ core, authorizationId }: House) => {
      const other = await grantedTokens(core);
      const bytes = Buffer.from(other.refreshToken.slice(4), 'base64url');
      bytes.write(authorizationId.replaceAll('-', ''), 'hex');
      return `ghr_${bytes.toString('base64url')}`;
    },
    'with a genuine old token whose mac is off by one bit': async ({ refreshToken, next }: House) => {
      await next(await next(refreshToken));
      const bytes = Buffer.from(refreshToken.slice(4), 'base64url');
      bytes[67] = bytes[67]! ^ 1;
      return `ghr_${bytes.toString('base64url')}`;
    },
    'with a genuine token raised to a later generation': ({ refreshToken }: House) => {
      const bytes = Buffer.from(refreshToken.slice(4), 'base64url');
      bytes.writeUInt32BE(7, 16);
      return `ghr_${bytes.toString('base64url')}`;
    },
  };

  it.each(Object.keys(forgeries))('%s', async (name) => {
    const it = await house();
    const forged = await forgeries[name]!(it);
    await expect(it.refresh(forged)).rejects.toEqual(refusal('invalid_grant', 'forged_refresh_token'));
    expect(it.stored().revoked).toBeUndefined();
    expect(it.reuses()).toEqual([]);
  });

  it('with a cut, padded or invented text', async () => {
    const { refresh, refreshToken, stored } = await house();
    for (const text of [refreshToken.slice(0, -1), `${refreshToken}=`, 'ghr_', 'x', 'ghc_'.padEnd(95, 'A')])
      await expect(refresh(text)).rejects.toEqual(refusal('invalid_grant', 'malformed_refresh_token'));
    expect(stored().revoked).toBeUndefined();
  });

  it('with a token of a family that does not exist', async () => {
    const { refresh } = await house();
    const { text } = firstRefreshToken('00000000-0000-4000-8000-000000000000' as AuthorizationId, new Date(0));
    await expect(refresh(text)).rejects.toEqual(refusal('invalid_grant', 'unknown_refresh_token'));
  });

  it('with its tokens stolen, current or spent, as another client', async () => {
    const { core, refreshToken, next, stored, reuses } = await house();
    const other = core.client();
    const current = await next(await next(refreshToken));
    for (const token of [refreshToken, current])
      await expect(
        core.token.handle({
          parameters: form({ grant_type: 'refresh_token', client_id: other.id, refresh_token: token }),
        }),
      ).rejects.toEqual(refusal('invalid_grant', 'refresh_token_of_other_client'));
    expect(stored().revoked).toBeUndefined();
    expect(reuses()).toEqual([]);
    await expect(next(current)).resolves.toBeDefined();
  });
});

describe('a bad request burns no good token', () => {
  it.each([
    [{ scope: 'invoices:read invoices:refund' }, 'invalid_scope', 'scope_not_granted'],
    [{ scope: 'invoices"' }, 'invalid_scope', 'malformed_scope'],
    [{ resource: 'https://other.example/mcp' }, 'invalid_target', 'resource_not_granted'],
    [{ resource: 'not a url' }, 'invalid_target', 'malformed_resource'],
  ])('%j', async (more, code, reason) => {
    const { refresh, refreshToken, stored } = await house();
    await expect(refresh(refreshToken, more)).rejects.toEqual(refusal(code, reason));
    expect(stored().refresh?.generation).toBe(0);
    await expect(refresh(refreshToken)).resolves.toBeDefined();
  });

  it('takes the granted resource in another spelling', async () => {
    const { refresh, refreshToken, resource } = await house();
    const shouted = resource.identifier.replace('https://', 'HTTPS://').replace('.example/', '.EXAMPLE:443/');
    await expect(refresh(refreshToken, { resource: shouted })).resolves.toBeDefined();
  });
});

describe('what was true at consent may be over', () => {
  it('refuses a token that was idle for too long, without calling it theft', async () => {
    const { core, refresh, refreshToken, stored, reuses } = await house();
    core.clock.advance(core.policy.refreshIdleLifetime);
    await expect(refresh(refreshToken)).rejects.toEqual(refusal('invalid_grant', 'refresh_token_expired'));
    expect(stored().revoked).toBeUndefined();
    expect(reuses()).toEqual([]);
  });

  const parties: Record<string, (house: House) => void> = {
    disabled_client: ({ core, client }) => {
      core.database.disableClient(client.id, core.clock.now());
    },
    disabled_account: ({ core, person }) => {
      core.database.disableAccount(person.accountId);
    },
    disabled_resource: ({ core, resource }) => {
      core.database.disableResource(resource.identifier, core.clock.now());
    },
    unknown_account: ({ core, person }) => {
      core.database.accounts.delete(person.accountId);
    },
    unknown_resource: ({ core, resource }) => {
      core.database.resources.delete(resource.identifier);
    },
  };

  it.each(Object.keys(parties))('refuses for %s and leaves the family as it was', async (reason) => {
    const it = await house();
    const current = await it.next(it.refreshToken);
    parties[reason]!(it);
    const code = reason === 'disabled_client' ? 'invalid_client' : 'invalid_grant';
    for (const token of [current, it.refreshToken])
      await expect(it.refresh(token)).rejects.toEqual(refusal(code, reason));
    expect(it.stored().revoked).toBeUndefined();
    expect(it.stored().refresh?.generation).toBe(1);
  });

  it('gives no scope that the client may no longer ask for, and nothing when none is left', async () => {
    const { core, refresh, refreshToken, stored } = await house();
    const declare = (scopes: readonly string[]) => {
      const client = core.database.clients.get(stored().clientId)!;
      core.database.clients.set(client.id, { ...client, scopes });
    };
    declare(['invoices:read', 'other']);
    const narrowed = await refresh(refreshToken);
    expect(narrowed.scope).toBe('invoices:read');
    declare(['other']);
    await expect(refresh(narrowed.refresh_token!)).rejects.toEqual(refusal('invalid_grant', 'scope_not_entitled'));
  });

  it('gives no scope the person may no longer hand on, and nothing when none is left', async () => {
    const { core, refresh, refreshToken, person, resource } = await house();
    await core.entitlements.grant(person.accountId, resource.identifier, ['invoices:write']);
    const narrowed = await refresh(refreshToken);
    expect(narrowed.scope).toBe('invoices:write');
    await core.entitlements.grant(person.accountId, resource.identifier, ['invoices:refund']);
    await expect(refresh(narrowed.refresh_token!)).rejects.toEqual(refusal('invalid_grant', 'scope_not_entitled'));
    await core.entitlements.grant(person.accountId, resource.identifier, ['invoices:read', 'invoices:write']);
    expect((await refresh(narrowed.refresh_token!)).scope).toBe('invoices:read invoices:write');
  });

  it('refuses what was revoked', async () => {
    const { core, refresh, refreshToken, authorizationId } = await house();
    await core.authorizations.revoke(authorizationId, 'revoked_by_account', {
      type: 'authorization.revoked',
      at: core.clock.now(),
    });
    await expect(refresh(refreshToken)).rejects.toEqual(refusal('invalid_grant', 'authorization_revoked'));
  });

  it('does not take a party disabled between read and write for theft', async () => {
    const it = await house();
    const spent = it.refreshToken;
    const current = await it.next(spent);
    const { authorizations, database } = it.core;
    const disable = () => {
      database.disableAccount(it.person.accountId);
    };
    const rotate = authorizations.rotate.bind(authorizations);
    authorizations.rotate = (...args) => {
      disable();
      return rotate(...args);
    };
    await expect(it.refresh(current)).rejects.toEqual(refusal('invalid_grant', 'disabled_account'));

    database.accounts.set(it.person.accountId, { disabled: false });
    const confirmRetry = authorizations.confirmRetry.bind(authorizations);
    authorizations.confirmRetry = (...args) => {
      disable();
      return confirmRetry(...args);
    };
    await expect(it.refresh(spent)).rejects.toEqual(refusal('invalid_grant', 'disabled_account'));
    expect(it.stored().revoked).toBeUndefined();
    expect(it.reuses()).toEqual([]);
  });
});
