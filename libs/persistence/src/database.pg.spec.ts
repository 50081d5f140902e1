import { OAuthError } from '@gatehouse/protocol';
import { aClient, CONTRACT_NOW } from '@gatehouse/authorization-server/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { PgClientStore } from './clients/client.store.js';
import { DatabaseClock } from './database.clock.js';
import { type Database, openDatabase } from './database.js';
import { createTestDatabase, type TestDatabase } from './testing/index.js';

const unavailable = { code: 'temporarily_unavailable', reason: 'store_unavailable', status: 503 };

describe('Database', () => {
  let home: TestDatabase;
  let database: Database;
  let operator: Database;
  const lost: Error[] = [];

  beforeAll(async () => {
    home = await createTestDatabase();
    const open = (applicationName: string) =>
      openDatabase({
        url: home.url,
        poolSize: 3,
        applicationName,
        onConnectionLost: (error) => {
          lost.push(error);
        },
      });
    [database, operator] = await Promise.all([open('under-test'), open('operator')]);
  });
  afterAll(async () => {
    await Promise.all([database.close(), operator.close()]);
    await home.close();
  });

  async function killConnections(state: 'active' | 'idle'): Promise<number> {
    const killed = await operator.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'under-test' AND datname = current_database() AND state = $1`,
      [state],
    );
    return killed.length;
  }
  async function untilKilled(state: 'active' | 'idle'): Promise<void> {
    while ((await killConnections(state)) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  it('gives its time to every process that has it open', async () => {
    const clocks = await Promise.all([database, operator].map((each) => DatabaseClock.start(each)));
    const [answer] = await operator.query<{ readonly time: Date }>('SELECT clock_timestamp() AS time');
    for (const clock of clocks) {
      expect(Math.abs(clock.now().getTime() - answer!.time.getTime())).toBeLessThan(500);
      clock.stop();
    }
  });

  it('says "temporarily unavailable" when the connection dies in the middle of a statement, and goes on', async () => {
    const statement = database.query('SELECT pg_sleep(20) WHERE $1', [true]);
    const [outcome] = await Promise.allSettled([statement, untilKilled('active')]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
    await expect(database.ping()).resolves.toBeUndefined();
  });

  it('says the same when the connection dies inside a transaction, and nothing of it stays', async () => {
    const client = aClient();
    const work = database.transaction(async (manager) => {
      await manager.query(`INSERT INTO resource_servers (id, secrets) VALUES ($1, '[]')`, [client.id]);
      await manager.query('SELECT pg_sleep(20) WHERE $1', [true]);
    });
    const [outcome] = await Promise.allSettled([work, untilKilled('active')]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
    expect(await database.query(`SELECT id FROM resource_servers WHERE id = $1`, [client.id])).toEqual([]);
  });

  it('survives the loss of an idle connection and reports it', async () => {
    await database.ping();
    lost.length = 0;
    await untilKilled('idle');
    while (lost.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(lost[0]).toMatchObject({ code: '57P01' });
    expect(lost[0]).not.toHaveProperty('client');
    await expect(database.ping()).resolves.toBeUndefined();
  });

  it('gives up on a statement that takes too long', async () => {
    const work = database.transaction(async (manager) => {
      await manager.query('SET LOCAL statement_timeout = 50');
      await manager.query('SELECT pg_sleep(20)');
    });
    await expect(work).rejects.toMatchObject(unavailable);
  });

  it('refuses a request rather than keep it, when every connection stays taken', async () => {
    const narrow = await openDatabase({ url: home.url, poolSize: 1, applicationName: 'narrow' });
    let release = (): void => undefined;
    let held: Promise<void> | undefined;
    await new Promise<void>((begun) => {
      held = narrow.transaction(
        () =>
          new Promise<void>((resolve) => {
            release = resolve;
            begun();
          }),
      );
    });
    await expect(narrow.ping()).rejects.toMatchObject(unavailable);
    release();
    await held;
    await expect(narrow.ping()).resolves.toBeUndefined();
    await narrow.close();
  });

  it('cannot be opened where no server listens, and says so in the same words', async () => {
    const url = 'postgres://nobody:nothing@127.0.0.1:1/none';
    await expect(openDatabase({ url, poolSize: 1, applicationName: 'lost' })).rejects.toMatchObject(unavailable);
  });

  it('says "temporarily unavailable" after it was closed', async () => {
    const closed = await openDatabase({ url: home.url, poolSize: 1, applicationName: 'closed' });
    await closed.close();
    await expect(closed.ping()).rejects.toMatchObject(unavailable);
  });

  it('carries out a transaction again that lost a deadlock', async () => {
    const ids = [aClient().id, aClient().id];
    for (const id of ids) await database.query(`INSERT INTO resource_servers (id, secrets) VALUES ($1, '[]')`, [id]);
    const touch = `UPDATE resource_servers SET disabled_at = now() WHERE id = $1`;
    let attempts = 0;
    let arrived = 0;
    let meet = (): void => undefined;
    const bothHoldOne = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const lockBoth = (order: readonly string[]) =>
      database.transaction(async (manager) => {
        attempts += 1;
        await manager.query(touch, [order[0]]);
        arrived += 1;
        if (arrived === 2) meet();
        await bothHoldOne;
        await manager.query(touch, [order[1]]);
      });
    await Promise.all([lockBoth(ids), lockBoth([...ids].reverse())]);
    expect(attempts).toBe(3);
  });

  it.each([
    ['in text', { name: 'a\u0000b' }],
    ['in JSON', { secrets: [{ hash: 'a\u0000b' as never }] }],
  ])('calls a NUL %s a malformed request', async (_where, odd) => {
    const client = aClient(odd);
    const registration = new PgClientStore(database).register(client, { type: 'client.registered', at: CONTRACT_NOW });
    await expect(registration).rejects.toMatchObject({ code: 'invalid_request', reason: 'malformed_request' });
  });

  it('shows no value of a statement that failed, however the error is printed', async () => {
    const clients = new PgClientStore(database);
    const client = aClient({ name: 'canary-name', secrets: [{ hash: 'canary-hash' as never }] });
    await clients.register(client, { type: 'client.registered', at: CONTRACT_NOW });
    const error: unknown = await clients
      .register(client, { type: 'client.registered', at: CONTRACT_NOW })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ sqlState: '23505', constraint: 'clients_pkey' });
    expect(error).not.toBeInstanceOf(OAuthError);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/canary/);
  });
});
