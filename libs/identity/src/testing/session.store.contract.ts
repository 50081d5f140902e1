import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '@gatehouse/audit';
import { type AccountId, type TokenHash, after, newSecret, tokenHash } from '@gatehouse/protocol';
import type { AccountStore } from '../accounts/account.store.js';
import type { Session } from '../sessions/session.js';
import type { SessionStore } from '../sessions/session.store.js';

export interface SessionStoreFixture {
  readonly sessions: SessionStore;
  readonly accounts: AccountStore;
  disable(id: AccountId, at: Date): Promise<void>;
  /** Events that the session store wrote for the account. */
  audit(id: AccountId): Promise<readonly Pick<AuditEvent, 'type'>[]>;
}

/** What every SessionStore guarantees. */
export function sessionStoreContract(open: () => Promise<SessionStoreFixture>): void {
  describe('SessionStore contract', () => {
    let fixture: SessionStoreFixture;
    let accountId: AccountId;
    const now = new Date('2026-01-01T12:00:00.000Z');

    beforeEach(async () => {
      fixture = await open();
      accountId = randomUUID() as AccountId;
      await fixture.accounts.create(
        { id: accountId, username: `person-${accountId}`, displayName: 'Anna', createdAt: now },
        { type: 'account.created', at: now, accountId },
      );
    });

    function newSession(): Session {
      return {
        id: tokenHash(newSecret('ghw_')),
        sid: randomUUID(),
        accountId,
        authenticatedAt: now,
        acr: 'urn:gatehouse:acr:2fa',
        amr: ['pwd', 'hwk'],
        expiresAt: after(now, 60),
      };
    }
    async function start(session: Session, replaces?: TokenHash): Promise<string> {
      return fixture.sessions.start(session, replaces, { type: 'sign_in.succeeded', at: now, accountId });
    }
    async function end(session: Session): Promise<boolean> {
      return fixture.sessions.end(session.id, { type: 'session.ended', at: now, accountId });
    }
    async function sessionEvents(): Promise<readonly string[]> {
      const events = await fixture.audit(accountId);
      return events.map(({ type }) => type).filter((type) => type !== 'account.created');
    }

    it('finds a session that was started, with the name to show', async () => {
      const session = newSession();
      await start(session);
      expect(await fixture.sessions.find(session.id, now)).toEqual({ session, displayName: 'Anna' });
      expect(await sessionEvents()).toEqual(['sign_in.succeeded']);
    });

    it('does not find a session nobody started', async () => {
      expect(await fixture.sessions.find(newSession().id, now)).toBeUndefined();
    });

    it('ends the session that is replaced, and none besides', async () => {
      const [old, other, next] = [newSession(), newSession(), newSession()];
      await start(old);
      await start(other);
      await start(next, old.id);
      expect(await fixture.sessions.find(old.id, now)).toBeUndefined();
      expect(await fixture.sessions.find(other.id, now)).toBeDefined();
      expect(await fixture.sessions.find(next.id, now)).toBeDefined();
    });

    it('keeps the name of a session that its own person replaces by signing in again', async () => {
      const [old, next] = [newSession(), newSession()];
      expect(await start(old)).toBe(old.sid);
      expect(await start(next, old.id)).toBe(old.sid);
      expect((await fixture.sessions.find(next.id, now))?.session.sid).toBe(old.sid);
    });

    it('names a session anew that replaces somebody else’s, or one that was over', async () => {
      const old = { ...newSession(), expiresAt: now };
      await start(old);
      const next = newSession();
      expect(await start(next, old.id)).toBe(next.sid);
      const other = { ...newSession(), accountId: randomUUID() as AccountId };
      await fixture.accounts.create(
        { id: other.accountId, username: `person-${other.accountId}`, displayName: 'Ben', createdAt: now },
        { type: 'account.created', at: now, accountId: other.accountId },
      );
      expect(await start(other, next.id)).toBe(other.sid);
    });

    it('starts a session also when the replaced one never was', async () => {
      const session = newSession();
      await start(session, newSession().id);
      expect(await fixture.sessions.find(session.id, now)).toBeDefined();
    });

    it('does not find a session from the second of its end', async () => {
      const session = newSession();
      await start(session);
      expect(await fixture.sessions.find(session.id, new Date(session.expiresAt.getTime() - 1))).toBeDefined();
      expect(await fixture.sessions.find(session.id, session.expiresAt)).toBeUndefined();
    });

    it('does not find the sessions of an account that was disabled', async () => {
      const session = newSession();
      await start(session);
      await fixture.disable(accountId, now);
      expect(await fixture.sessions.find(session.id, now)).toBeUndefined();
    });

    it('lists what its person signed in with, newest first, and nothing that opens it', async () => {
      const first = { ...newSession(), network: '192.0.2.0/24', browser: 'Firefox on Linux' };
      const second = { ...newSession(), authenticatedAt: new Date(now.getTime() + 1000) };
      await start(first);
      await start(second);
      await start({ ...newSession(), expiresAt: now });
      const shown = ({ id: _, ...rest }: typeof second) => rest;
      expect(await fixture.sessions.list(accountId, now)).toEqual([shown(second), shown(first)]);
      expect(await fixture.sessions.list(randomUUID() as AccountId, now)).toEqual([]);
    });

    it('ends one of an account, or all but one, and none of somebody else', async () => {
      const [mine, other, third] = [newSession(), newSession(), newSession()];
      for (const session of [mine, other, third]) await start(session);
      const audit = { type: 'session.ended', at: now, accountId } as const;
      const stranger = randomUUID() as AccountId;
      expect(await fixture.sessions.endOf(stranger, { only: other.sid }, audit)).toBe(0);
      expect(await fixture.sessions.endOf(stranger, { allBut: mine.sid }, audit)).toBe(0);
      expect(await fixture.sessions.endOf(accountId, { only: "' OR true --" }, audit)).toBe(0);
      expect(await fixture.sessions.endOf(accountId, { only: other.sid }, audit)).toBe(1);
      expect(await fixture.sessions.find(other.id, now)).toBeUndefined();
      expect(await fixture.sessions.endOf(accountId, { allBut: mine.sid }, audit)).toBe(1);
      expect(await fixture.sessions.find(third.id, now)).toBeUndefined();
      expect(await fixture.sessions.find(mine.id, now)).toBeDefined();
      expect((await sessionEvents()).filter((type) => type === 'session.ended')).toHaveLength(2);
    });

    it('ends a session once, however many ask at the same time', async () => {
      const [session, other] = [newSession(), newSession()];
      await start(session);
      await start(other);
      const outcomes = await Promise.all(Array.from({ length: 50 }, async () => end(session)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await fixture.sessions.find(session.id, now)).toBeUndefined();
      expect(await fixture.sessions.find(other.id, now)).toBeDefined();
      expect((await sessionEvents()).filter((type) => type === 'session.ended')).toHaveLength(1);
    });
  });
}
