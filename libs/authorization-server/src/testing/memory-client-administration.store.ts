import type { AuditEvent } from '@gatehouse/audit';
import type { ClientId } from '@gatehouse/protocol';
import { ClientAdministrationStore, type ClientSelection } from '../administration/client-administration.store.js';
import { awaitsUserCode } from '../authorize/interaction.js';
import type { Client } from '../clients/client.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryClientAdministrationStore extends ClientAdministrationStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override page({ after, limit, origin, disabled, namePrefix }: ClientSelection): Promise<readonly Client[]> {
    return this.database.atomically(() =>
      [...this.database.clients.values()]
        .filter((client) => after === undefined || client.id > after)
        .filter((client) => origin === undefined || client.origin === origin)
        .filter((client) => disabled === undefined || (client.disabledAt !== undefined) === disabled)
        .filter(({ name }) => namePrefix === undefined || name.toLowerCase().startsWith(namePrefix.toLowerCase()))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    );
  }

  override setDisabled(
    id: ClientId,
    disabledAt: Date | undefined,
    audit: AuditEvent,
  ): Promise<'changed' | 'unchanged' | 'unknown'> {
    return this.database.atomically(() => {
      const client = this.database.clients.get(id);
      if (!client || client.origin === 'pre-registered') return 'unknown';
      const { disabledAt: before, ...enabled } = client;
      if ((before === undefined) === (disabledAt === undefined)) return 'unchanged';
      this.database.clients.set(id, { ...enabled, ...(disabledAt ? { disabledAt } : {}) });
      this.database.audit.push(audit);
      return 'changed';
    });
  }

  override revokeAll(id: ClientId, audit: AuditEvent): Promise<number | undefined> {
    return this.database.atomically(() => this.#endAll(id, audit));
  }

  override remove(id: ClientId, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      if (this.#endAll(id, audit) === undefined) return false;
      const { clients, interactions, registrations, usage, pushedRequests } = this.database;
      for (const [key, { request }] of interactions)
        if (!awaitsUserCode(request) && request.clientId === id) interactions.delete(key);
      for (const [key, { clientId }] of pushedRequests) if (clientId === id) pushedRequests.delete(key);
      registrations.delete(id);
      usage.delete(id);
      clients.delete(id);
      return true;
    });
  }

  #endAll(id: ClientId, audit: AuditEvent): number | undefined {
    const { clients, authorizations, codes, devices, consents } = this.database;
    if (!clients.has(id)) return undefined;
    let ended = 0;
    for (const [key, authorization] of authorizations)
      if (authorization.clientId === id && !authorization.revoked) {
        authorizations.set(key, { ...authorization, revoked: { at: audit.at, reason: 'revoked_by_operator' } });
        ended += 1;
      }
    for (const [key, { clientId, redeemed }] of codes) if (clientId === id && !redeemed) codes.delete(key);
    for (const [key, { clientId, redeemed }] of devices) if (clientId === id && !redeemed) devices.delete(key);
    for (const [key, { clientId }] of consents) if (clientId === id) consents.delete(key);
    this.database.audit.push(audit);
    return ended;
  }
}
