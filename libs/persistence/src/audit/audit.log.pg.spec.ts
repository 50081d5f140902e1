import { type AuditEvent } from '@gatehouse/audit';
import { type AccountId, type AuthorizationId, type ClientId, type ResourceIdentifier } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { openTestDatabase, statementsOf, storedAuditEvents } from '../testing/index.js';
import { PgAuditLog } from './audit.log.js';

describe('PgAuditLog', () => {
  let test: Awaited<ReturnType<typeof openTestDatabase>>;
  let log: PgAuditLog;
  beforeAll(async () => {
    test = await openTestDatabase();
    log = new PgAuditLog(test.database);
  });
  afterAll(() => test.close());

  const at = new Date('2026-01-01T12:00:00.123Z');
  const full: AuditEvent = {
    type: 'tool.denied',
    at,
    reason: 'insufficient_scope',
    clientId: 'c_1' as ClientId,
    actorId: 'robot' as ClientId,
    accountId: randomUUID() as AccountId,
    authorizationId: randomUUID() as AuthorizationId,
    resource: 'https://api.example/mcp' as ResourceIdentifier,
    scopes: ['invoices:refund', 'odd,"scope\\'],
    detail: { tool: 'refund_invoice', attempts: 2, remote: true },
  };

  it('keeps an event as it was, whether all is known or only what and when', async () => {
    const bare: AuditEvent = { type: 'cleanup.finished', at };
    await log.record(full);
    await log.record(bare);
    expect(await storedAuditEvents(test.database)).toEqual([full, bare]);
  });

  it('costs one statement an event', async () => {
    expect(await statementsOf(test.database, () => log.record(full))).toHaveLength(1);
  });

  it.each([
    `UPDATE audit_events SET reason = NULL`,
    `DELETE FROM audit_events`,
    `TRUNCATE audit_events`,
    `UPDATE audit_events SET reason = NULL WHERE false`,
  ])('cannot be rewritten: %s', async (statement) => {
    const before = await storedAuditEvents(test.database);
    await expect(test.database.query(statement)).rejects.toMatchObject({ sqlState: '42501' });
    expect(await storedAuditEvents(test.database)).toEqual(before);
  });

  it('takes events of many at once, each once', async () => {
    const clientId = `c_${randomUUID()}` as ClientId;
    await Promise.all(Array.from({ length: 50 }, () => log.record({ type: 'tool.allowed', at, clientId })));
    const events = await storedAuditEvents(test.database);
    expect(events.filter((event) => event.clientId === clientId)).toHaveLength(50);
  });
});
