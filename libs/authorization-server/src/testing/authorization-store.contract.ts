import type { AuditEvent } from '@gatehouse/audit';
import { after, type AuthorizationId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Authorization, RefreshState } from '../authorizations/authorization.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import {
  aClient,
  anyHash,
  aRefreshState,
  aResource,
  CONTRACT_NOW,
  givenAuthorization,
  givenParties,
  type Parties,
  rotated,
} from './store-seeds.js';

const AT_ONCE = 50;

export function authorizationStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as AuthorizationStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const event = (
      authorization: Authorization,
      type: AuditEvent['type'],
      reason?: AuditEvent['reason'],
    ): AuditEvent => ({
      type,
      at: CONTRACT_NOW,
      authorizationId: authorization.id,
      ...(reason ? { reason } : {}),
    });
    const rotate = (authorization: Authorization, from: RefreshState, to: RefreshState, now = CONTRACT_NOW) =>
      fixture.authorizations.rotate(
        authorization.id,
        from.currentHash,
        to,
        event(authorization, 'refresh.rotated'),
        now,
      );
    const retry = (
      authorization: Authorization,
      presented: RefreshState,
      notBefore = after(CONTRACT_NOW, -30),
      now = CONTRACT_NOW,
    ) =>
      fixture.authorizations.confirmRetry(
        authorization.id,
        presented.currentHash,
        notBefore,
        event(authorization, 'refresh.answered_again'),
        now,
      );
    const revoke = (authorization: Authorization) =>
      fixture.authorizations.revoke(
        authorization.id,
        'revoked_by_client',
        event(authorization, 'token.revoked', 'refresh_token_reused'),
      );
    const stored = async (authorization: Authorization) =>
      (await fixture.authorizations.find(authorization.id))?.authorization;
    const typesOf = async (authorization: Authorization) =>
      (await fixture.auditTrail())
        .filter(({ authorizationId, type }) => authorizationId === authorization.id && type !== 'code.redeemed')
        .map(({ type }) => type);

    const disable = {
      client: ({ client }: Parties) => fixture.disableClient(client.id),
      account: ({ accountId }: Parties) => fixture.disableAccount(accountId),
      resource: ({ resource }: Parties) => fixture.disableResource(resource.identifier),
    };
    const PARTIES = ['client', 'account', 'resource'] as const;

    it('brings along what may be told of the person', async () => {
      const { authorization } = await givenAuthorization(fixture);
      const found = await fixture.authorizations.find(authorization.id);
      expect(found?.authorization.session).toEqual(authorization.session);
      expect(found?.standing.profile).toEqual({ displayName: 'Anna', username: expect.any(String) });
    });

    it('gives an authorization back as it was, with how its parties stand', async () => {
      const { authorization } = await givenAuthorization(fixture);
      const found = await fixture.authorizations.find(authorization.id);
      expect(found?.authorization).toEqual(authorization);
      expect(found?.standing).toMatchObject({ client: 'active', account: 'active', resource: 'active' });
      expect([...(found?.standing.entitledScopes ?? [])].sort()).toEqual(['invoices:read', 'invoices:write']);
      expect(await fixture.authorizations.find(randomUUID() as AuthorizationId)).toBeUndefined();
    });

    it('tells what the client may ask for now, where that is limited', async () => {
      const { authorization } = await givenAuthorization(fixture);
      expect((await fixture.authorizations.find(authorization.id))?.standing).not.toHaveProperty('clientScopes');
      const limited = aClient({ origin: 'pre-registered', scopes: ['invoices:read'] });
      const event = { type: 'client.registered', at: CONTRACT_NOW, clientId: limited.id } as const;
      await fixture.preRegistration.create(limited, event);
      const other = await givenAuthorization(fixture, { clientId: limited.id });
      expect((await fixture.authorizations.find(other.authorization.id))?.standing.clientScopes).toEqual([
        'invoices:read',
      ]);
    });

    describe('without an account', () => {
      const own = async (scopes: readonly string[] = ['invoices:read']) => {
        const parties = await givenParties(fixture);
        const client = aClient({ origin: 'pre-registered', scopes });
        await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
        const authorization: Authorization = {
          id: randomUUID() as AuthorizationId,
          clientId: client.id,
          resource: parties.resource.identifier,
          scopes,
          createdAt: CONTRACT_NOW,
          expiresAt: after(CONTRACT_NOW, 300),
        };
        return { ...parties, client, authorization };
      };
      const begin = (authorization: Authorization) =>
        fixture.authorizations.begin(authorization, event(authorization, 'client.authorized'));

      it('begins and stands on the client and the resource, with the scopes of the client', async () => {
        const { authorization, client, resource } = await own();
        expect(await begin(authorization)).toBe(true);
        expect(await fixture.authorizations.find(authorization.id)).toEqual({
          authorization,
          standing: { client: 'active', account: 'absent', resource: 'active', entitledScopes: ['invoices:read'] },
          serverId: resource.serverId,
          clients: [{ id: client.id, origin: 'pre-registered', redirectUris: client.redirectUris }],
          ancestors: [],
        });
        expect(await typesOf(authorization)).toEqual(['client.authorized']);
      });

      it.each(['client', 'resource'] as const)('does not begin while the %s is disabled', async (party) => {
        const { authorization, ...parties } = await own();
        await disable[party](parties);
        expect(await begin(authorization)).toBe(false);
        expect(await fixture.authorizations.find(authorization.id)).toBeUndefined();
        expect(await typesOf(authorization)).toEqual([]);
      });

      it('does not begin for a client or resource that is not there', async () => {
        const { authorization } = await own();
        for (const wrong of [{ clientId: aClient().id }, { resource: aResource().identifier }])
          expect(await begin({ ...authorization, ...wrong })).toBe(false);
      });

      it('says so when client or resource are disabled later, and can be revoked', async () => {
        const { authorization, ...parties } = await own();
        await begin(authorization);
        expect(await revoke(authorization)).toBe(true);
        expect((await stored(authorization))?.revoked).toBeDefined();
        await disable.client(parties);
        await disable.resource(parties);
        expect((await fixture.authorizations.find(authorization.id))?.standing).toMatchObject({
          client: 'disabled',
          account: 'absent',
          resource: 'disabled',
        });
      });

      it('has no refresh token to rotate or confirm', async () => {
        const { authorization } = await own();
        await begin(authorization);
        expect(await rotate(authorization, aRefreshState(), aRefreshState())).toBe(false);
        expect(await retry(authorization, aRefreshState())).toBeUndefined();
      });
    });

    it('stores the next state of a rotation as given, with its event', async () => {
      const { authorization, refresh } = await givenAuthorization(fixture);
      const next = rotated(refresh);
      expect(await rotate(authorization, refresh, next)).toBe(true);
      expect(await stored(authorization)).toEqual({ ...authorization, refresh: next });
      expect(await typesOf(authorization)).toEqual(['refresh.rotated']);
    });

    it(`has one winner of ${AT_ONCE} parallel rotations of one token`, async () => {
      const { authorization, refresh } = await givenAuthorization(fixture);
      const candidates = Array.from({ length: AT_ONCE }, () => rotated(refresh));
      const results = await Promise.all(candidates.map((next) => rotate(authorization, refresh, next)));
      expect(results.filter(Boolean)).toHaveLength(1);
      expect((await stored(authorization))?.refresh).toEqual(candidates[results.indexOf(true)]);
      expect(await typesOf(authorization)).toEqual(['refresh.rotated']);
    });

    it('rotates only the current token: neither the one before nor one never issued', async () => {
      const { authorization, refresh } = await givenAuthorization(fixture);
      const second = rotated(refresh);
      await rotate(authorization, refresh, second);
      for (const wrong of [refresh, aRefreshState()])
        expect(await rotate(authorization, wrong, rotated(second))).toBe(false);
      expect((await stored(authorization))?.refresh).toEqual(second);
      expect(await typesOf(authorization)).toEqual(['refresh.rotated']);
    });

    it('rotates nothing that has no refresh token', async () => {
      const { authorization } = await givenAuthorization(fixture, { refresh: undefined });
      expect(await rotate(authorization, aRefreshState(), aRefreshState())).toBe(false);
    });

    it('rotates until the last moment of either lifetime, and not at its end', async () => {
      for (const end of ['idle', 'absolute'] as const) {
        const idleExpiresAt = after(CONTRACT_NOW, end === 'idle' ? 100 : 200);
        const { authorization, refresh } = await givenAuthorization(fixture, {
          expiresAt: after(CONTRACT_NOW, end === 'idle' ? 200 : 100),
          refresh: aRefreshState({ idleExpiresAt }),
        });
        expect(await rotate(authorization, refresh, rotated(refresh), after(CONTRACT_NOW, 100))).toBe(false);
        expect(await rotate(authorization, refresh, rotated(refresh), after(CONTRACT_NOW, 99))).toBe(true);
      }
    });

    it.each(PARTIES)('rotates nothing while the %s is disabled', async (party) => {
      const { authorization, refresh, ...parties } = await givenAuthorization(fixture);
      await disable[party](parties);
      expect(await rotate(authorization, refresh, rotated(refresh))).toBe(false);
      expect(await stored(authorization)).toEqual(authorization);
      expect((await fixture.authorizations.find(authorization.id))?.standing[party]).toBe('disabled');
      expect(await typesOf(authorization)).toEqual([]);
    });

    it('rotates nothing that was revoked', async () => {
      const { authorization, refresh } = await givenAuthorization(fixture);
      await revoke(authorization);
      expect(await rotate(authorization, refresh, rotated(refresh))).toBe(false);
      expect(await typesOf(authorization)).toEqual(['token.revoked']);
    });

    it('lets a revocation win against rotations in flight: whoever was first, nothing lives after', async () => {
      for (let round = 0; round < 10; round += 1) {
        const { authorization, refresh } = await givenAuthorization(fixture);
        const second = rotated(refresh);
        const early = rotate(authorization, refresh, second);
        const [, revoked] = await Promise.all([
          early,
          revoke(authorization),
          rotate(authorization, refresh, rotated(refresh)),
        ]);
        expect(revoked).toBe(true);
        expect((await stored(authorization))?.revoked).toEqual({ at: CONTRACT_NOW, reason: 'revoked_by_client' });
        const current = (await stored(authorization))?.refresh ?? refresh;
        expect(await rotate(authorization, current, rotated(current))).toBe(false);
        expect(await retry(authorization, refresh)).toBeUndefined();
      }
    });

    it('revokes once of parallel revocations, with one event, and knows why', async () => {
      const { authorization } = await givenAuthorization(fixture);
      const results = await Promise.all(Array.from({ length: AT_ONCE }, () => revoke(authorization)));
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(await typesOf(authorization)).toEqual(['token.revoked']);
      expect((await stored(authorization))?.revoked).toEqual({ at: CONTRACT_NOW, reason: 'revoked_by_client' });
      const unknown = { ...authorization, id: randomUUID() as AuthorizationId };
      expect(await revoke(unknown)).toBe(false);
      expect(await typesOf(unknown)).toEqual([]);
    });

    it('confirms a retry of the token just replaced with the state that replaced it, as often as asked', async () => {
      const { authorization, refresh } = await givenAuthorization(fixture);
      const next = rotated(refresh);
      await rotate(authorization, refresh, next);
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => retry(authorization, refresh)));
      expect(answers).toEqual(answers.map(() => next));
      expect((await stored(authorization))?.refresh).toEqual(next);
      const types = await typesOf(authorization);
      expect(types.filter((type) => type === 'refresh.answered_again')).toHaveLength(AT_ONCE);
    });

    it('confirms a retry until the window closes', async () => {
      const { authorization, refresh } = await givenAuthorization(fixture);
      await rotate(authorization, refresh, rotated(refresh));
      expect(await retry(authorization, refresh, CONTRACT_NOW)).toBeDefined();
      expect(await retry(authorization, refresh, new Date(CONTRACT_NOW.getTime() + 1))).toBeUndefined();
    });

    it('confirms no retry once the successor was used', async () => {
      const { authorization, refresh } = await givenAuthorization(fixture);
      const second = rotated(refresh);
      const third = rotated(second);
      await rotate(authorization, refresh, second);
      await rotate(authorization, second, third);
      expect(await retry(authorization, refresh)).toBeUndefined();
      expect(await retry(authorization, second)).toEqual(third);
    });

    it('confirms no retry of the current token, nor of one never issued', async () => {
      const { authorization, refresh } = await givenAuthorization(fixture);
      expect(await retry(authorization, refresh)).toBeUndefined();
      const next = rotated(refresh);
      await rotate(authorization, refresh, next);
      expect(await retry(authorization, next)).toBeUndefined();
      expect(await retry(authorization, { ...next, currentHash: anyHash() })).toBeUndefined();
      expect(await typesOf(authorization)).toEqual(['refresh.rotated']);
    });

    it('confirms no retry after revocation or expiry', async () => {
      const { authorization, refresh } = await givenAuthorization(fixture);
      const next = rotated(refresh);
      await rotate(authorization, refresh, next);
      expect(await retry(authorization, refresh, CONTRACT_NOW, next.idleExpiresAt)).toBeUndefined();
      expect(await retry(authorization, refresh, CONTRACT_NOW, authorization.expiresAt)).toBeUndefined();
      await revoke(authorization);
      expect(await retry(authorization, refresh)).toBeUndefined();
      expect(await typesOf(authorization)).not.toContain('refresh.answered_again');
    });

    it.each(PARTIES)('confirms no retry while the %s is disabled', async (party) => {
      const { authorization, refresh, ...parties } = await givenAuthorization(fixture);
      await rotate(authorization, refresh, rotated(refresh));
      await disable[party](parties);
      expect(await retry(authorization, refresh)).toBeUndefined();
      expect(await typesOf(authorization)).toEqual(['refresh.rotated']);
    });
  });
}
