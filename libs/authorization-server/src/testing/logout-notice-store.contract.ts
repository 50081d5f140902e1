import type { AuditEvent } from '@gatehouse/audit';
import { after, type ClientId } from '@gatehouse/protocol';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { LogoutClaim, LogoutNotice, LogoutNoticeStore } from '../logout/logout-notice.store.js';
import type { StoreFixture } from './store-fixture.js';
import { aClient, CONTRACT_NOW } from './store-seeds.js';

const RECEIVER = 'https://app.example/backchannel';
const now = CONTRACT_NOW;

export interface LogoutNoticeFixture {
  readonly stores: Pick<StoreFixture, 'clients' | 'addAccount' | 'disableClient' | 'auditTrail'>;
  readonly notices: LogoutNoticeStore;
  /** As the end of a session stores it. */
  add(notice: Pick<LogoutNotice, 'id' | 'clientId' | 'accountId' | 'sid' | 'endedAt'>): Promise<void>;
}

/** What every LogoutNoticeStore guarantees. */
export function logoutNoticeStoreContract(open: () => Promise<LogoutNoticeFixture>): void {
  describe('LogoutNoticeStore contract', () => {
    let fixture: LogoutNoticeFixture;
    beforeEach(async () => {
      fixture = await open();
    });

    async function client(change: object = { backchannelLogoutUri: RECEIVER }): Promise<ClientId> {
      const made = aClient(change);
      await fixture.stores.clients.register(made, { type: 'client.registered', at: now, clientId: made.id });
      return made.id;
    }
    async function notice(clientId: ClientId, endedAt = now): Promise<string> {
      const id = randomUUID();
      const accountId = await fixture.stores.addAccount();
      await fixture.add({ id, clientId, accountId, sid: randomUUID(), endedAt });
      return id;
    }
    const claim = (change: Partial<LogoutClaim> = {}) =>
      fixture.notices.claim({ now, until: after(now, 60), limit: 100, perClient: 100, except: [], ...change });
    const idsOf = (notices: readonly LogoutNotice[]) => notices.map(({ id }) => id).sort();
    const given = (clientId: ClientId): AuditEvent => ({ type: 'logout.delivered', at: now, clientId });

    it('hands out what is due, the longest due first, with the address as it is now', async () => {
      const app = await client();
      const [second, first, later] = [
        await notice(app),
        await notice(app, after(now, -5)),
        await notice(app, after(now, 1)),
      ];
      const claimed = await claim();
      expect(claimed.map(({ id }) => id).slice(0, 2)).toEqual([first, second]);
      expect(claimed.map(({ id }) => id)).not.toContain(later);
      expect(claimed[0]).toMatchObject({ clientId: app, endedAt: after(now, -5), attempts: 1, receiver: RECEIVER });
    });

    it('gives a notice to one of many, and to nobody else until the claim is over', async () => {
      const app = await client();
      const expected = [await notice(app), await notice(app), await notice(app)];
      const claims = await Promise.all(Array.from({ length: 10 }, () => claim({ limit: 1 })));
      expect(idsOf(claims.flat())).toEqual(expected.sort());
      expect(await claim()).toEqual([]);
      // The one who held it is dead.
      const again = await claim({ now: after(now, 60), until: after(now, 120) });
      expect(idsOf(again)).toEqual(expected);
      expect(again[0]?.attempts).toBe(2);
    });

    it('takes only so many of one client, and none of those that are busy', async () => {
      const [loud, quiet] = [await client(), await client()];
      for (let count = 0; count < 5; count += 1) await notice(loud, after(now, -10));
      const only = await notice(quiet);
      const claimed = await claim({ perClient: 2 });
      expect(claimed.filter(({ clientId }) => clientId === loud)).toHaveLength(2);
      expect(idsOf(claimed)).toContain(only);
      expect(await claim({ except: [loud] })).toEqual([]);
      expect(await claim()).toHaveLength(3);
    });

    it('says when nobody is there to be told', async () => {
      const [disabled, silent] = [await client(), await client({})];
      await fixture.stores.disableClient(disabled);
      const expected = [await notice(disabled), await notice(silent), await notice('c_gone' as ClientId)];
      const claimed = await claim();
      expect(idsOf(claimed)).toEqual(expected.sort());
      for (const each of claimed) expect(each).not.toHaveProperty('receiver');
    });

    it('is settled once, with its audit event', async () => {
      const app = await client();
      const id = await notice(app);
      await claim();
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => fixture.notices.settle(id, given(app))));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      const trail = await fixture.stores.auditTrail();
      expect(trail.filter(({ type, clientId }) => type === 'logout.delivered' && clientId === app)).toHaveLength(1);
      expect(await claim({ now: after(now, 3600) })).toEqual([]);
    });

    it('is due again when it is postponed, unless somebody has claimed it meanwhile', async () => {
      const app = await client();
      await notice(app);
      const [claimed] = await claim();
      await fixture.notices.postpone(claimed!, after(now, 10), 1);
      expect(await claim({ now: after(now, 9) })).toEqual([]);
      const [second] = await claim({ now: after(now, 10), until: after(now, 70) });
      expect(second?.attempts).toBe(2);
      // The first one comes late.
      await fixture.notices.postpone(claimed!, now, 1);
      expect(await claim({ now: after(now, 69) })).toEqual([]);
    });
  });
}
