import type { ClientId, Clock } from '@gatehouse/protocol';
import type { ClientAuthMethod, GrantType } from '../clients/client.js';
import type { ClientStore } from '../clients/client.store.js';
import type { ServerPolicy } from '../server-policy.js';

/** What was registered, which may be less than what was asked. @spec RFC 7591 §3.2.1 */
export interface ClientInformation {
  readonly client_id: ClientId;
  readonly client_id_issued_at: number;
  readonly client_secret?: string;
  /** 0: never. Present exactly with a secret. */
  readonly client_secret_expires_at?: number;
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method: ClientAuthMethod;
  readonly grant_types: readonly GrantType[];
  readonly response_types: readonly ['code'];
  readonly application_type: 'web' | 'native';
  readonly client_name: string;
  readonly client_uri?: string;
  readonly software_id?: string;
  readonly software_version?: string;
}

export class RegistrationEndpoint {
  constructor(
    private readonly by: { readonly policy: ServerPolicy; readonly clock: Clock; readonly clients: ClientStore },
  ) {}

  register(body: unknown): Promise<ClientInformation> {
    throw new Error(`${String(body)} ${String(this.by)}`);
  }
}
