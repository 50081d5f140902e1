import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId, ResourceIdentifier } from '@gatehouse/protocol';
import {
  AccessPolicyStore,
  type PolicyPeople,
  type PolicyPerson,
  type PolicyReplacement,
} from '../access/access-policy.store.js';
import type { AccessRule } from '../access/access-rule.js';
import { inOrder } from '../access/declared-rules.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryAccessPolicyStore extends AccessPolicyStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override list(): Promise<readonly AccessRule[]> {
    return this.database.atomically(() => this.#rules());
  }

  override replace(change: (current: readonly AccessRule[]) => PolicyReplacement): Promise<void> {
    return this.database.atomically(() => {
      const { rules, audit } = change(this.#rules());
      if (audit.length === 0) return;
      this.database.accessRules.clear();
      for (const rule of rules) this.database.accessRules.set(rule.id, rule);
      this.database.audit.push(...audit);
    });
  }

  override people(about: readonly PolicyPeople[]): Promise<readonly PolicyPerson[]> {
    return this.database.atomically(() =>
      this.#people().filter(({ id, groups }) =>
        about.some(
          (each) =>
            (each.accounts === undefined || each.accounts.includes(id)) &&
            (each.groups === undefined || each.groups.some((group) => groups.includes(group))),
        ),
      ),
    );
  }

  override named(usernames: readonly string[]): Promise<readonly PolicyPerson[]> {
    return this.database.atomically(() => this.#people().filter(({ username }) => usernames.includes(username)));
  }

  override groups(): Promise<readonly string[]> {
    return this.database.atomically(() => inOrder([...this.database.groups.values()].flatMap((names) => [...names])));
  }

  override join(accountId: AccountId, group: string, audit: AuditEvent): Promise<boolean> {
    return this.#move(accountId, audit, (groups) => !groups.has(group) && groups.add(group).size > 0);
  }

  override leave(accountId: AccountId, group: string, audit: AuditEvent): Promise<boolean> {
    return this.#move(accountId, audit, (groups) => groups.delete(group));
  }

  #move(accountId: AccountId, audit: AuditEvent, move: (groups: Set<string>) => boolean): Promise<boolean> {
    return this.database.atomically(() => {
      const groups = new Set(this.database.groups.get(accountId));
      if (!move(groups)) return false;
      this.database.groups.set(accountId, groups);
      this.database.audit.push(audit);
      return true;
    });
  }

  #rules(): readonly AccessRule[] {
    return [...this.database.accessRules.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #people(): readonly PolicyPerson[] {
    const { accounts, groups, entitlements } = this.database;
    return [...accounts]
      .map(([id, { disabled, profile }]) => ({
        id,
        username: profile?.username ?? id,
        disabled,
        groups: inOrder([...(groups.get(id) ?? [])]),
        entitlements: [...entitlements]
          .flatMap(([key, scopes]) => {
            const [accountId, resource] = key.split(' ');
            return accountId === id ? [{ resource: resource as ResourceIdentifier, scopes }] : [];
          })
          .sort((a, b) => (a.resource < b.resource ? -1 : 1)),
      }))
      .sort((a, b) => (a.username < b.username ? -1 : 1));
  }
}
