import type { AuditEvent } from '@gatehouse/audit';
import type { ProviderId, StoredProvider } from './identity-provider.js';

export abstract class IdentityProviderStore {
  /** All, disabled ones too, in the order of their ids. */
  abstract list(): Promise<readonly StoredProvider[]>;
  abstract find(id: ProviderId): Promise<StoredProvider | undefined>;
  /**
   * Creates it or replaces what is declared of it (not when it was created, nor that it is disabled), with the event. With
   * `expected`, only while `versionOf` it is that. The kind of a provider stays: its people are known by it.
   */
  abstract publish(
    provider: StoredProvider,
    audit: AuditEvent,
    expected?: string,
  ): Promise<'created' | 'changed' | 'unchanged' | 'other_kind' | 'changed_since'>;
  /** False: unknown, or it stands like that already. Nobody signs in by it then, and logins that are under way end. */
  abstract setDisabled(id: ProviderId, disabledAt: Date | undefined, audit: AuditEvent): Promise<boolean>;
  /** With the links and groups that it brought, and the sessions that were begun by it. Accounts stay. False: unknown. */
  abstract remove(id: ProviderId, audit: AuditEvent): Promise<boolean>;
}
