import { type AuditEvent, AuditLog } from '@gatehouse/audit';
import { type Database } from '../database.js';
import { auditValues, insertAuditEvent } from './insert-audit-event.js';

const RECORD = insertAuditEvent('(VALUES (true)) AS once', 1);

export class PgAuditLog extends AuditLog {
  constructor(private readonly database: Database) {
    super();
  }

  override async record(event: AuditEvent): Promise<void> {
    await this.database.query(RECORD, auditValues(event));
  }
}
