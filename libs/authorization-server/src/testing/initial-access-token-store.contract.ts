import { after } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { InitialAccessToken } from '../registration/initial-access-token.store.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import { anyHash, CONTRACT_NOW } from './store-seeds.js';

/** Spending them is part of the contract of RegistrationStore. */
export function initialAccessTokenStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as InitialAccessTokenStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    async function given(overrides: Partial<InitialAccessToken> = {}): Promise<InitialAccessToken> {
      const token: InitialAccessToken = {
        id: randomUUID(),
        hash: anyHash(),
        label: 'Büro "Ost"',
        usesLeft: 3,
        createdAt: CONTRACT_NOW,
        expiresAt: after(CONTRACT_NOW, 3600),
        ...overrides,
      };
      await fixture.initialAccessTokens.create(token, {
        type: 'initial_access_token.created',
        at: CONTRACT_NOW,
        detail: { id: token.id },
      });
      return token;
    }
    const revoked = (id: string) =>
      ({ type: 'initial_access_token.revoked', at: CONTRACT_NOW, detail: { id } }) as const;

    it('gives a token back as it was, by its hash and nothing else', async () => {
      const token = await given();
      expect(await fixture.initialAccessTokens.find(token.hash)).toEqual(token);
      expect(await fixture.initialAccessTokens.find(anyHash())).toBeUndefined();
    });

    it('lists them all, the newest first', async () => {
      const older = await given({ createdAt: after(CONTRACT_NOW, 10) });
      const newer = await given({ createdAt: after(CONTRACT_NOW, 20) });
      const ids = (await fixture.initialAccessTokens.list()).map(({ id }) => id);
      expect(ids.slice(0, 2)).toEqual([newer.id, older.id]);
    });

    it('revokes one once, with its event, and still finds it', async () => {
      const token = await given();
      const other = await given();
      const outcomes = await Promise.all(
        [1, 2, 3].map(() => fixture.initialAccessTokens.revoke(token.id, revoked(token.id))),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await fixture.initialAccessTokens.find(token.hash)).toEqual({ ...token, revokedAt: CONTRACT_NOW });
      expect(await fixture.initialAccessTokens.find(other.hash)).toEqual(other);
      expect(await fixture.initialAccessTokens.revoke(randomUUID(), revoked('none'))).toBe(false);
      const events = (await fixture.auditTrail()).filter(({ detail }) => detail?.['id'] === token.id);
      expect(events.map(({ type }) => type).sort()).toEqual([
        'initial_access_token.created',
        'initial_access_token.revoked',
      ]);
    });
  });
}
