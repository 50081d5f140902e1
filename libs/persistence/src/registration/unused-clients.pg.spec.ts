import { type Client, DEFAULT_SERVER_POLICY, Quarantine } from '@gatehouse/authorization-server';
import {
  aClient,
  anyHash,
  CONTRACT_NOW,
  givenCode,
  givenInteraction,
  givenParties,
} from '@gatehouse/authorization-server/testing';
import { after } from '@gatehouse/protocol';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PgExpiredRecords } from '../cleanup/expired-records.js';
import {
  DISABLE,
  holdTransaction,
  pgStoreFixture,
  type PgStoreFixture,
  statementsOf,
  untilBlocked,
} from '../testing/index.js';

const MINUTE = 60;
const WEEK = 7 * 86_400;

describe('clients that never completed a flow', () => {
  let fixture: PgStoreFixture;
  let expired: PgExpiredRecords;
  beforeEach(async () => {
    fixture = await pgStoreFixture();
    expired = new PgExpiredRecords(fixture.database);
  });
  afterEach(() => fixture.close());

  const registered = { type: 'client.registered', at: CONTRACT_NOW } as const;
  async function shared(at: Date, fingerprint = anyHash()): Promise<Client> {
    const client = aClient({ createdAt: at });
    await fixture.registrations.admit({ client, fingerprint }, registered, at);
    return client;
  }
  const isThere = async ({ id }: Client) => (await fixture.clients.find(id)) !== undefined;
  const reap = (now: Date) => expired.deleteBatch('registrations', after(now, -WEEK), 1000);
  const number = async (text: string) => (await fixture.database.query<{ n: number }>(text))[0]?.n;

  it('are reaped after their time, with all that belongs to them, and others are not (AS-104)', async () => {
    const old = await shared(CONTRACT_NOW);
    const parties = { ...(await givenParties(fixture)), client: old };
    await givenCode(fixture, parties);
    const used = await shared(CONTRACT_NOW);
    await fixture.usage.used(used.id, CONTRACT_NOW);
    const disabled = await shared(CONTRACT_NOW);
    await fixture.disableClient(disabled.id);
    const young = await shared(after(CONTRACT_NOW, 60 * MINUTE));
    expect(await reap(after(CONTRACT_NOW, WEEK + 30 * MINUTE))).toBe(0);
    // The interaction lasts a quarter of an hour, and what may follow it an hour more.
    expect(await reap(after(CONTRACT_NOW, WEEK + 76 * MINUTE))).toBe(2);
    expect(await Promise.all([old, young, used, disabled, parties.client].map(isThere))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(await fixture.consents.find(parties.accountId, old.id, parties.resource.identifier)).toBeUndefined();
    expect(await number(`SELECT count(*)::integer AS n FROM client_registrations`)).toBe(2);
  });

  it('are not reaped while their person is on the way, however old they are (AS-104)', async () => {
    const old = await shared(CONTRACT_NOW);
    const now = after(CONTRACT_NOW, 2 * WEEK);
    const parties = { ...(await givenParties(fixture)), client: old };
    await givenInteraction(fixture, parties, { createdAt: now, expiresAt: after(now, 15 * MINUTE) });
    expect(await reap(now)).toBe(0);
    expect(await isThere(old)).toBe(true);
  });

  it('are not reaped when the one that is about to be is asked for again, or used, at this moment', async () => {
    const fingerprint = anyHash();
    const asked = await shared(CONTRACT_NOW, fingerprint);
    const used = await shared(CONTRACT_NOW);
    const now = after(CONTRACT_NOW, 2 * WEEK);
    const touch = (id: string) =>
      holdTransaction(fixture.url, `SELECT FROM client_registrations WHERE client_id = $1 FOR UPDATE`, [id]);
    const holds = [await touch(asked.id), await touch(used.id)];
    expect(await reap(now)).toBe(0);
    expect(await fixture.registrations.trim(0, 100, now)).toBe(0);
    for (const hold of holds) await hold.commit();
    await fixture.usage.used(used.id, now);
    const again = aClient();
    expect((await fixture.registrations.admit({ client: again, fingerprint }, registered, now))?.id).toBe(asked.id);
    expect(await reap(now)).toBe(0);
  });

  it('may come by the thousand: the budget holds, and who is on the way or in use stays (AS-104)', async () => {
    const inUse = await shared(CONTRACT_NOW);
    await fixture.usage.used(inUse.id, CONTRACT_NOW);
    const onTheWay = await shared(CONTRACT_NOW);
    const parties = { ...(await givenParties(fixture)), client: onTheWay };
    await givenInteraction(fixture, parties);

    const clock = new StoppedClock();
    const policy = { ...DEFAULT_SERVER_POLICY, unusedClientBudget: 1000 };
    const servers = [1, 2].map(() => new Quarantine({ policy, clock, registrations: fixture.registrations }));
    let midst: Client | undefined;
    for (let sent = 0; sent < 10_000; sent += 100) {
      const at = after(CONTRACT_NOW, sent / 1000);
      clock.advance(after(CONTRACT_NOW, sent / 1000).getTime() / 1000 - clock.now().getTime() / 1000);
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          await shared(at);
          await servers[index % 2]?.grew();
        }),
      );
      if (sent === 9500) midst = await shared(at);
    }
    const clients = (await number(`SELECT count(*)::integer AS n FROM clients`)) ?? 0;
    expect(clients).toBeLessThan(1000 * 1.1 + 4);
    expect(await Promise.all([inUse, onTheWay, midst!].map(isThere))).toEqual([true, true, true]);
    const parted = `SELECT count(*)::integer AS n FROM client_registrations r LEFT JOIN clients c ON c.id = r.client_id WHERE c.id IS NULL`;
    expect(await number(parted)).toBe(0);
  }, 120_000);

  it('cost few statements: one for who is new, one to find who is known, one for a managed one', async () => {
    const fingerprint = anyHash();
    const admit = (more: object) => () =>
      fixture.registrations.admit({ client: aClient(), ...more }, registered, CONTRACT_NOW);
    expect(await statementsOf(fixture.database, admit({ fingerprint }))).toHaveLength(1);
    const find = () => fixture.registrations.findShared(fingerprint, CONTRACT_NOW);
    expect(await statementsOf(fixture.database, find)).toHaveLength(1);
    expect(await statementsOf(fixture.database, admit({ managementToken: anyHash() }))).toHaveLength(1);
    expect(await statementsOf(fixture.database, () => fixture.registrations.trim(0, 10, CONTRACT_NOW))).toHaveLength(1);
  });
});

describe('a change by the client itself', () => {
  it('waits for a disabling that is under way, and does not undo it', async () => {
    const fixture = await pgStoreFixture();
    try {
      const client = aClient();
      const managementToken = anyHash();
      await fixture.registrations.admit(
        { client, managementToken },
        { type: 'client.registered', at: CONTRACT_NOW },
        CONTRACT_NOW,
      );
      const disabling = await holdTransaction(fixture.url, DISABLE.client, [client.id]);
      const change = fixture.registrations.replace(
        { client: { ...client, name: 'Back' }, managementToken },
        undefined,
        {
          type: 'client.changed',
          at: CONTRACT_NOW,
        },
      );
      await untilBlocked(fixture.database, 1);
      await disabling.commit();
      expect(await change).toBe(false);
      expect(await fixture.clients.find(client.id)).toMatchObject({ name: client.name, disabledAt: expect.any(Date) });
    } finally {
      await fixture.close();
    }
  });
});
