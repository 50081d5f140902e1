import type { AuditEvent } from '@gatehouse/audit';
import type { ProviderId, StoredProvider } from './identity-provider.js';

export interface ProviderChange {
  readonly provider: StoredProvider;
  readonly audit: AuditEvent;
}

export abstract class IdentityProviderStore {
  /** All, disabled ones too, in the order of their ids. */
  abstract list(): Promise<readonly StoredProvider[]>;
  /** False: there is one of this id. */
  abstract create(provider: StoredProvider, audit: AuditEvent): Promise<boolean>;
  /**
   * Lets `change` look at the provider under its lock and say what it is to be; undefined: as it is. What `change` throws,
   * comes out, and nothing is changed. @returns what it is now; undefined: unknown
   */
  abstract change(
    id: ProviderId,
    change: (current: StoredProvider) => ProviderChange | undefined,
  ): Promise<StoredProvider | undefined>;
  /** With the links and groups that it brought, and the sessions that were begun by it. Accounts stay. False: unknown. */
  abstract remove(id: ProviderId, audit: AuditEvent): Promise<boolean>;
}
