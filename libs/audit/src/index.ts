export { AUDIT_EVENT_TYPES, type AuditEvent, type AuditEventType, AuditLog } from './audit-event.js';
