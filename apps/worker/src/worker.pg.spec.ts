import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '@gatehouse/audit';
import { AesGcmKeyVault, KeyRing } from '@gatehouse/authorization-server';
import { JOB_NAMES, queueOptions } from '@gatehouse/jobs';
import { QUEUE_SERVERS } from '@gatehouse/jobs/testing';
import { type Database, PgSigningKeyStore } from '@gatehouse/persistence';
import { openTestDatabase, storedAuditEvents } from '@gatehouse/persistence/testing';
import { SystemClock } from '@gatehouse/protocol';
import { selfSigned } from '@gatehouse/test-kit';
import { Queue } from 'bullmq';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { readConfig } from './config.js';
import { type RunningWorker, startWorker } from './worker.js';

type Line = Record<string, unknown>;

for (const server of QUEUE_SERVERS)
  (server.missing === undefined ? describe : describe.skip)(`the worker with its queue on ${server.technology}`, () => {
    let queueUrl: string;
    let stopQueue: () => Promise<void>;
    let database: Database;
    let databaseUrl: string;
    let closeDatabase: () => Promise<void>;
    let folder: string;
    let keyFile: string;
    let key: Buffer;
    let lines: Line[];
    const running: RunningWorker[] = [];
    const queues: Queue[] = [];

    beforeAll(async () => {
      ({ url: queueUrl, stop: stopQueue } = await server.start());
      folder = mkdtempSync(join(tmpdir(), 'worker-'));
      keyFile = join(folder, 'keys');
      key = randomBytes(32);
      writeFileSync(keyFile, key.toString('base64url'), { mode: 0o600 });
    });
    beforeEach(async () => {
      lines = [];
      ({ url: databaseUrl, database, close: closeDatabase } = await openTestDatabase(4));
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((worker) => worker.close()));
      for (const name of JOB_NAMES) await queue(name).obliterate({ force: true });
      await Promise.all(queues.splice(0).map((each) => each.close()));
      await closeDatabase();
    });
    afterAll(async () => {
      await stopQueue();
      rmSync(folder, { recursive: true });
    });

    async function start(more: Record<string, string> = {}): Promise<RunningWorker> {
      const config = readConfig({
        ISSUER: 'http://127.0.0.1:4000',
        DATABASE_URL: databaseUrl,
        QUEUE_URL: queueUrl,
        KEY_ENCRYPTION_KEY_FILE: keyFile,
        METRICS_PORT: '0',
        ...more,
      });
      const write = (line: string): void => {
        lines.push(JSON.parse(line) as Line);
      };
      const worker = await startWorker(config, { write });
      running.push(worker);
      return worker;
    }
    function queue(name: string): Queue {
      const made = new Queue(name, queueOptions(queueUrl));
      queues.push(made);
      return made;
    }
    const finished = (job: string): Line[] =>
      lines.filter((line) => line['event'] === 'job.finished' && line['job'] === job);
    async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
      for (let n = 0; n < 400 && !(await condition()); n += 1) await pause(25);
      expect(await condition()).toBe(true);
    }
    const events = async (type: AuditEvent['type']): Promise<AuditEvent[]> =>
      (await storedAuditEvents(database)).filter((event) => event.type === type);
    const get = async (worker: RunningWorker, path: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${worker.metricsPort}${path}`);

    it('makes the first key, declares each schedule once and is ready, two workers at once', async () => {
      const workers = await Promise.all([start(), start()]);
      expect(await new PgSigningKeyStore(database).list()).toHaveLength(1);
      expect(await events('key.published')).toHaveLength(1);
      for (const name of JOB_NAMES)
        expect((await queue(name).getJobSchedulers(0, -1)).map((each) => [each.key, Number(each.every)])).toEqual([
          [name, name === 'deliver-logouts' ? 5_000 : 300_000],
        ]);
      for (const worker of workers) {
        expect((await get(worker, '/health/ready')).status).toBe(200);
        expect(await (await get(worker, '/health/ready')).json()).toMatchObject({
          checks: { database: 'up', queue: 'up' },
        });
      }
      // Every schedule begins with a run, and both workers together do it once.
      await until(() => finished('rotate-signing-keys').length > 0 && finished('clean-up-expired').length > 0);
      await pause(300);
      expect(finished('rotate-signing-keys')).toMatchObject([{ withdrawn: [] }]);
      expect(finished('clean-up-expired')).toHaveLength(1);
    }, 30_000);

    it('publishes a new key when asked early, which does not sign yet', async () => {
      const worker = await start();
      const ring = new KeyRing({
        store: new PgSigningKeyStore(database),
        vault: new AesGcmKeyVault([key]),
        clock: new SystemClock(),
      });
      const before = await ring.signingKey();
      await Promise.all([1, 2, 3].map(() => queue('rotate-signing-keys').add('rotate-signing-keys', { early: true })));
      await until(() => finished('rotate-signing-keys').length >= 4);
      const published = finished('rotate-signing-keys').flatMap((line) => line['published'] ?? []);
      expect(published).toHaveLength(1);
      const fresh = new KeyRing({
        store: new PgSigningKeyStore(database),
        vault: new AesGcmKeyVault([key]),
        clock: new SystemClock(),
      });
      expect((await fresh.publishedJwks()).keys.map(({ kid }) => kid)).toEqual([before.id, published[0]]);
      expect((await fresh.signingKey()).id).toBe(before.id);
      expect(await events('key.published')).toHaveLength(2);
      expect(await (await get(worker, '/metrics')).text()).toMatch(
        /gatehouse_signing_key_changes_total\{change="published"\} 1\n/,
      );
    }, 30_000);

    it('deletes what expired long ago, in batches, and keeps what did not', async () => {
      await database.query(`
        INSERT INTO attempts (key, made, window_ends_at)
        SELECT 'old-' || n, 1, now() - interval '2 hours' FROM generate_series(1, 25) n`);
      await database.query(
        `INSERT INTO attempts (key, made, window_ends_at) VALUES ($1, 1, now() - interval '1 minute')`,
        [`young-${randomUUID()}`],
      );
      const worker = await start({ CLEANUP_BATCH: '10' });
      await until(() => finished('clean-up-expired').length > 0);
      expect(finished('clean-up-expired')[0]).toMatchObject({ attempts: 25, complete: true });
      expect(await database.query('SELECT key FROM attempts')).toHaveLength(1);
      expect(await events('cleanup.finished')).toMatchObject([{ detail: { attempts: 25 } }]);
      expect(await (await get(worker, '/metrics')).text()).toMatch(
        /gatehouse_cleanup_deleted_records_total\{record="attempts"\} 25\n/,
      );
    }, 30_000);

    it('runs the clean-up once a period on two workers, and the other goes on when one ends', async () => {
      const [first] = await Promise.all([start({ CLEANUP_INTERVAL: '1' }), start({ CLEANUP_INTERVAL: '1' })]);
      const begun = Date.now();
      await pause(3000);
      await first.close();
      running.splice(running.indexOf(first), 1);
      const atHandOver = finished('clean-up-expired').length;
      await pause(2500);
      const runs = finished('clean-up-expired').length;
      const periods = (Date.now() - begun) / 1000;
      expect(runs).toBeLessThanOrEqual(Math.ceil(periods) + 1);
      expect(runs).toBeGreaterThan(atHandOver);
      expect(atHandOver).toBeGreaterThan(1);
    }, 30_000);

    it('tells a client that a session has ended, once, with a token that the server’s keys have signed', async () => {
      const bodies: string[] = [];
      const receiver = createServer(selfSigned(), (request, response) => {
        void text(request).then((body) => {
          bodies.push(body);
          response.end();
        });
      });
      await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
      const uri = `https://127.0.0.1:${(receiver.address() as AddressInfo).port}/out`;
      const [clientId, account, sid] = ['app', randomUUID(), randomUUID()];
      await database.query(
        `INSERT INTO clients (id, origin, name, application_type, redirect_uris, grant_types, auth_method, secrets,
                              created_at, backchannel_logout_uri)
         VALUES ($1, 'pre-registered', 'App', 'web', '{}', '{}', 'none', '[]', now(), $2)`,
        [clientId, uri],
      );
      await database.query(
        `INSERT INTO logout_notices (id, client_id, account_id, sid, ended_at, due_at)
         VALUES ($1, $2, $3, $4, now(), now())`,
        [randomUUID(), clientId, account, sid],
      );
      const [worker] = await Promise.all([start({ LOGOUT_TO_LOOPBACK: 'on' }), start({ LOGOUT_TO_LOOPBACK: 'on' })]);
      await until(async () => (await events('logout.delivered')).length > 0);
      expect(bodies).toHaveLength(1);
      const token = new URLSearchParams(bodies[0]).get('logout_token') ?? '';
      const keys = new KeyRing({
        store: new PgSigningKeyStore(database),
        vault: new AesGcmKeyVault([key]),
        clock: new SystemClock(),
      });
      const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(await keys.publishedJwks()), {
        issuer: 'http://127.0.0.1:4000',
        audience: clientId,
        typ: 'logout+jwt',
        algorithms: ['ES256'],
      });
      expect(protectedHeader.kid).toBe((await keys.signingKey()).id);
      expect(payload).toMatchObject({ sub: account, sid });
      expect(await events('logout.delivered')).toMatchObject([
        { clientId, accountId: account, detail: { attempts: 1 } },
      ]);
      expect(await database.query('SELECT id FROM logout_notices')).toEqual([]);
      expect(JSON.stringify(lines)).not.toContain(token);
      await worker.close();
      running.splice(running.indexOf(worker), 1);
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    }, 30_000);

    it('does not start with another key file than the servers have', async () => {
      await (await start()).close();
      running.length = 0;
      const other = join(folder, 'other');
      writeFileSync(other, randomBytes(32).toString('base64url'), { mode: 0o600 });
      await expect(start({ KEY_ENCRYPTION_KEY_FILE: other })).rejects.toThrow(/not listed/);
      expect(await new PgSigningKeyStore(database).list()).toHaveLength(1);
    }, 30_000);

    it('logs neither the key nor a password', async () => {
      await start();
      await until(() => finished('rotate-signing-keys').length > 0);
      const written = JSON.stringify(lines);
      const password = new URL(databaseUrl).password;
      expect(written).not.toContain(key.toString('base64url'));
      if (password !== '') expect(written).not.toContain(password);
    }, 30_000);
  });
