import type { AuditEvent } from '@gatehouse/audit';
import { type ClientId } from '@gatehouse/protocol';
import { type LogoutClaim, type LogoutNotice, LogoutNoticeStore } from '../logout/logout-notice.store.js';
import type { MemoryDatabase } from './memory-database.js';

interface Stored extends Omit<LogoutNotice, 'receiver'> {
  readonly dueAt: Date;
}

export class MemoryLogoutNoticeStore extends LogoutNoticeStore {
  readonly notices = new Map<string, Stored>();

  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  /** As the end of a session does. */
  add(notice: Pick<LogoutNotice, 'id' | 'clientId' | 'accountId' | 'sid' | 'endedAt'>): void {
    this.notices.set(notice.id, { ...notice, attempts: 0, dueAt: notice.endedAt });
  }

  override claim({ now, until, limit, perClient, except }: LogoutClaim): Promise<readonly LogoutNotice[]> {
    return this.database.atomically(() => {
      const places = new Map<ClientId, number>();
      return [...this.notices.values()]
        .filter(({ clientId, dueAt }) => dueAt <= now && !except.includes(clientId))
        .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())
        .filter(({ clientId }) => {
          const place = (places.get(clientId) ?? 0) + 1;
          places.set(clientId, place);
          return place <= perClient;
        })
        .slice(0, limit)
        .map((notice) => {
          const attempts = notice.attempts + 1;
          this.notices.set(notice.id, { ...notice, attempts, dueAt: until });
          const { dueAt: _, ...claimed } = { ...notice, attempts };
          const client = this.database.clients.get(notice.clientId);
          const receiver = client?.disabledAt ? undefined : client?.backchannelLogoutUri;
          return receiver === undefined ? claimed : { ...claimed, receiver };
        });
    });
  }

  override settle(id: string, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      if (!this.notices.delete(id)) return false;
      this.database.audit.push(audit);
      return true;
    });
  }

  override postpone({ id, attempts: claimed }: LogoutNotice, dueAt: Date, attempts: number): Promise<void> {
    return this.database.atomically(() => {
      const notice = this.notices.get(id);
      if (notice?.attempts === claimed) this.notices.set(id, { ...notice, attempts, dueAt });
    });
  }
}
