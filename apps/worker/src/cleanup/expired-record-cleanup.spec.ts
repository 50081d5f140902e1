import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AuditEvent, AuditLog } from '@gatehouse/audit';
import { EXPIRING_RECORDS, ExpiredRecords, type ExpiringRecord } from '@gatehouse/authorization-server';
import { Clock, after } from '@gatehouse/protocol';
import { ExpiredRecordCleanup } from './expired-record-cleanup.js';
import { RETENTION } from './retention.js';

const START = new Date('2026-01-01T00:00:00.000Z');

describe('ExpiredRecordCleanup', () => {
  let now: Date;
  let events: AuditEvent[];
  let rows: Record<ExpiringRecord, number>;
  let calls: { record: ExpiringRecord; before: Date; limit: number }[];
  let costs: number;
  let onBatch: (record: ExpiringRecord) => void;

  class Rows extends ExpiredRecords {
    override async deleteBatch(record: ExpiringRecord, before: Date, limit: number): Promise<number> {
      onBatch(record);
      calls.push({ record, before, limit });
      now = after(now, costs);
      const deleted = Math.min(rows[record], limit);
      rows[record] -= deleted;
      return deleted;
    }
  }
  class Log extends AuditLog {
    override async record(event: AuditEvent): Promise<void> {
      events.push(event);
    }
  }
  class TestClock extends Clock {
    override now(): Date {
      return now;
    }
  }
  const cleanup = (): ExpiredRecordCleanup =>
    new ExpiredRecordCleanup(new Rows(), new Log(), new TestClock(), { batch: 10, budget: 60, pauseMs: 0 });
  const never = new AbortController().signal;

  beforeEach(() => {
    now = START;
    events = [];
    calls = [];
    costs = 0;
    onBatch = () => undefined;
    rows = Object.fromEntries(EXPIRING_RECORDS.map((record) => [record, 0])) as typeof rows;
  });

  it('asks once for each kind when there is little, and leaves no audit event when there was nothing', async () => {
    expect(await cleanup().run(never)).toMatchObject({ complete: true });
    expect(calls.map(({ record }) => record)).toEqual([...EXPIRING_RECORDS]);
    expect(events).toEqual([]);
  });

  it('keeps each record for as long as it is still good for something', async () => {
    await cleanup().run(never);
    for (const { record, before, limit } of calls) {
      expect(before).toEqual(after(START, -RETENTION[record]));
      expect(limit).toBe(10);
    }
    // A token outlives its authorization by an hour at most, and a spent code must still be known.
    expect(RETENTION.authorizations).toBeGreaterThan(3600);
    expect(RETENTION.codes).toBeGreaterThan(3600);
  });

  it('keeps audit events for as long as the operator says, and everything else as ever', async () => {
    const limits = { batch: 10, budget: 60, pauseMs: 0, retention: { audit_events: 7 } };
    await new ExpiredRecordCleanup(new Rows(), new Log(), new TestClock(), limits).run(never);
    const before = Object.fromEntries(calls.map((call) => [call.record, call.before]));
    expect(before['audit_events']).toEqual(after(START, -7));
    expect(before['codes']).toEqual(after(START, -RETENTION.codes));
  });

  it('deletes a mountain batch by batch, without keeping the other kinds waiting', async () => {
    rows.sessions = 35;
    rows.attempts = 12;
    const result = await cleanup().run(never);
    expect(result.deleted).toMatchObject({ sessions: 35, attempts: 12, codes: 0 });
    expect(result.complete).toBe(true);
    const kinds = EXPIRING_RECORDS.length;
    expect(calls.slice(0, kinds).map(({ record }) => record)).toEqual([...EXPIRING_RECORDS]);
    expect(calls.slice(kinds).map(({ record }) => record)).toEqual(['sessions', 'attempts', 'sessions', 'sessions']);
    expect(events).toEqual([{ type: 'cleanup.finished', at: now, detail: { sessions: 35, attempts: 12 } }]);
  });

  it('stops when its time is up and says that something is left', async () => {
    rows.codes = 10_000;
    costs = 5;
    const result = await cleanup().run(never);
    expect(result.complete).toBe(false);
    expect(result.deleted.codes).toBeLessThan(200);
    expect(rows.codes + result.deleted.codes).toBe(10_000);
  });

  it('stops between two batches when the process ends, and records what it did', async () => {
    rows.codes = 10_000;
    const ending = new AbortController();
    onBatch = (record) => {
      if (record === 'attempts' && calls.length >= 4) ending.abort();
    };
    const result = await cleanup().run(ending.signal);
    expect(result).toMatchObject({ complete: false, deleted: { codes: 10 } });
    expect(events).toMatchObject([{ detail: { codes: 10 } }]);
  });

  it('records what was deleted before a batch failed, and lets the failure through', async () => {
    rows.interactions = 7;
    onBatch = (record) => {
      if (record === 'sessions') throw new Error('lost');
    };
    await expect(cleanup().run(never)).rejects.toThrow('lost');
    expect(events).toMatchObject([{ type: 'cleanup.finished', detail: { interactions: 7 } }]);
  });
});
