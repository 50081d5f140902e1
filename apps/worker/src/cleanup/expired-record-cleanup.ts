/**
 * Deletes what is over, in small batches with a pause between, so that a request never waits behind it: a batch holds
 * few row locks for milliseconds and skips rows that somebody else holds. What is left when the time is up, or when the
 * process stops, is found by the next run; two runs at once share the work.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditLog } from '@gatehouse/audit';
import { EXPIRING_RECORDS, type ExpiredRecords, type ExpiringRecord } from '@gatehouse/authorization-server';
import { type Clock, after } from '@gatehouse/protocol';
import { RETENTION } from './retention.js';

export interface CleanupLimits {
  readonly batch: number;
  /** Seconds for one run. Less than the interval, so that runs do not pile up. */
  readonly budget: number;
  /** Milliseconds between two batches. */
  readonly pauseMs: number;
  /** Seconds that records stay after their end, where it is not the usual time. */
  readonly retention?: Partial<Readonly<Record<ExpiringRecord, number>>>;
}

export interface CleanupResult {
  readonly deleted: Readonly<Record<ExpiringRecord, number>>;
  /** Whether nothing was left that could be deleted. */
  readonly complete: boolean;
}

export class ExpiredRecordCleanup {
  readonly #records: ExpiredRecords;
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #limits: CleanupLimits;

  constructor(records: ExpiredRecords, audit: AuditLog, clock: Clock, limits: CleanupLimits) {
    this.#records = records;
    this.#audit = audit;
    this.#clock = clock;
    this.#limits = limits;
  }

  async run(stopping: AbortSignal): Promise<CleanupResult> {
    const { batch, budget, pauseMs } = this.#limits;
    const retention = { ...RETENTION, ...this.#limits.retention };
    const started = this.#clock.now();
    const end = after(started, budget);
    const deleted = Object.fromEntries(EXPIRING_RECORDS.map((record) => [record, 0])) as Record<ExpiringRecord, number>;
    let left: readonly ExpiringRecord[] = EXPIRING_RECORDS;
    try {
      // In turn, so that a mountain of one kind does not keep the others waiting.
      while (left.length > 0 && !stopping.aborted && this.#clock.now() < end) {
        const unfinished: ExpiringRecord[] = [];
        for (const record of left) {
          const count = await this.#records.deleteBatch(record, after(started, -retention[record]), batch);
          deleted[record] += count;
          if (count >= batch) unfinished.push(record);
        }
        left = unfinished;
        if (left.length > 0) await pause(pauseMs);
      }
    } finally {
      // Also when a batch failed: what is gone is gone and has to be on record.
      await this.#recordAudit(deleted);
    }
    return { deleted, complete: left.length === 0 };
  }

  async #recordAudit(deleted: Readonly<Record<ExpiringRecord, number>>): Promise<void> {
    const detail = Object.fromEntries(Object.entries(deleted).filter(([, count]) => count > 0));
    if (Object.keys(detail).length > 0)
      await this.#audit.record({ type: 'cleanup.finished', at: this.#clock.now(), detail });
  }
}
