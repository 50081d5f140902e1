import { type LogoutNotice } from '@gatehouse/authorization-server';
import { logoutNoticeStoreContract } from '@gatehouse/authorization-server/testing';
import { type AccountId, after, type ClientId, newSecret, tokenHash } from '@gatehouse/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { PgSessionStore } from '../sessions/session.store.js';
import { pgStoreFixture, type PgStoreFixture, statementsOf } from '../testing/index.js';
import { PgLogoutNoticeStore } from './logout-notice.store.js';

const now = new Date('2026-01-01T12:00:00.000Z');
let stores: PgStoreFixture;
beforeAll(async () => {
  stores = await pgStoreFixture();
});
afterAll(() => stores.close());
const run = (text: string, values: readonly unknown[] = []) => stores.database.query(text, values);

logoutNoticeStoreContract(async () => {
  await run(`DELETE FROM logout_notices`);
  return {
    stores,
    notices: new PgLogoutNoticeStore(stores.database),
    add: async ({ id, clientId, accountId, sid, endedAt }) => {
      await run(
        `INSERT INTO logout_notices (id, client_id, account_id, sid, ended_at, due_at) VALUES ($1, $2, $3, $4, $5, $5)`,
        [id, clientId, accountId, sid, endedAt],
      );
    },
  };
});

describe('the end of a session', () => {
  let sessions: PgSessionStore;
  let account: AccountId;
  beforeEach(async () => {
    await run(`DELETE FROM logout_notices`);
    sessions = new PgSessionStore(stores.database);
    account = await stores.addAccount();
  });

  async function signIn(accountId = account, replaces?: ReturnType<typeof tokenHash>) {
    const id = tokenHash(newSecret('ghw_'));
    const session = { id, accountId, authenticatedAt: now, expiresAt: after(now, 60), acr: 'urn:a', amr: ['pwd'] };
    const audit = { type: 'sign_in.succeeded', at: now, accountId } as const;
    return { id, sid: await sessions.start({ ...session, sid: randomUUID() }, replaces, audit) };
  }
  const end = (id: ReturnType<typeof tokenHash>) =>
    sessions.end(id, { type: 'session.ended', at: now, accountId: account });

  async function client(receiver: string | null, disabled = false): Promise<ClientId> {
    const id = `c_${randomUUID()}` as ClientId;
    await run(
      `INSERT INTO clients (id, origin, name, application_type, redirect_uris, grant_types, auth_method, secrets,
                            created_at, disabled_at, backchannel_logout_uri)
       VALUES ($1, 'dynamic', 'App', 'web', '{}', '{}', 'none', '[]', $2, $3, $4)`,
      [id, now, disabled ? now : null, receiver],
    );
    return id;
  }
  async function authorize(clientId: ClientId, sid: string, scopes = ['openid'], revoked = false): Promise<void> {
    await run(
      `INSERT INTO authorizations (id, account_id, authenticated_at, created_at, expires_at, client_id, resource, scopes,
                                   ends_on, revoked_at, sid, acr, amr)
       VALUES ($1, $2, $3, $3, $4, $5, 'https://r', $6, '2026-01-02', $7, $8, 'urn:a', '{pwd}')`,
      [randomUUID(), account, now, after(now, 86_400), clientId, scopes, revoked ? now : null, sid],
    );
  }
  const told = async () => {
    const rows = await run(`SELECT client_id, account_id, sid, ended_at FROM logout_notices`);
    return (rows as readonly { client_id: string }[]).map(({ client_id: id }) => id).sort();
  };

  it('leaves one notice for each client that got an ID token in it, in the same statement', async () => {
    const [app, other] = [await client('https://app.example/out'), await client('https://other.example/out')];
    const [silent, shut, tool, elsewhere] = [
      await client(null),
      await client('https://shut.example/out', true),
      await client('https://tool.example/out'),
      await client('https://elsewhere.example/out'),
    ];
    const { id, sid } = await signIn();
    const { sid: another } = await signIn();
    for (const each of [app, app, silent, shut]) await authorize(each, sid);
    // It got an ID token, whatever became of the authorization.
    await authorize(other, sid, ['openid', 'invoices:read'], true);
    await authorize(tool, sid, ['invoices:read']);
    await authorize(elsewhere, another);
    expect(await end(id)).toBe(true);
    expect(await told()).toEqual([app, other].sort());
    expect(await end(id)).toBe(false);
    expect(await told()).toHaveLength(2);
    const [notice] = await new PgLogoutNoticeStore(stores.database).claim({
      now,
      until: after(now, 60),
      limit: 1,
      perClient: 1,
      except: [],
    });
    expect(notice).toMatchObject({ accountId: account, sid, endedAt: now } satisfies Partial<LogoutNotice>);
  });

  it('is not what happens when its person signs in again, but is when somebody else does', async () => {
    const app = await client('https://app.example/out');
    const first = await signIn();
    await authorize(app, first.sid);
    const second = await signIn(account, first.id);
    expect(second.sid).toBe(first.sid);
    expect(await told()).toEqual([]);
    const third = await signIn(await stores.addAccount(), second.id);
    expect(third.sid).not.toBe(first.sid);
    expect(await told()).toEqual([app]);
  });

  it('happens once, however many replicas are asked at the same time', async () => {
    const app = await client('https://app.example/out');
    const { id, sid } = await signIn();
    await authorize(app, sid);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => end(id)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await told()).toEqual([app]);
  });

  it('costs one statement, and so do claim, record and postponement of a notice', async () => {
    const { id, sid } = await signIn();
    await authorize(await client('https://app.example/out'), sid);
    const notices = new PgLogoutNoticeStore(stores.database);
    expect(await statementsOf(stores.database, () => end(id))).toHaveLength(1);
    const claim = { now, until: after(now, 60), limit: 16, perClient: 4, except: [] };
    let [notice] = [] as readonly LogoutNotice[];
    expect(
      await statementsOf(stores.database, async () => {
        [notice] = await notices.claim(claim);
      }),
    ).toHaveLength(1);
    expect(await statementsOf(stores.database, () => notices.postpone(notice!, now, 1))).toHaveLength(1);
    const audit = { type: 'logout.delivered', at: now } as const;
    expect(await statementsOf(stores.database, () => notices.settle(notice!.id, audit))).toHaveLength(1);
  });

  it('takes the authorizations of the person away from nobody', async () => {
    const app = await client('https://app.example/out');
    const { id, sid } = await signIn();
    await authorize(app, sid);
    await end(id);
    expect(await run(`SELECT id FROM authorizations WHERE sid = $1 AND revoked_at IS NULL`, [sid])).toHaveLength(1);
  });
});
