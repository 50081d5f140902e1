import type { ResourceIdentifier, ResourceServerId } from '@gatehouse/protocol';
import type { ScopeDefinition } from '@gatehouse/scopes';
import type { ClientSecret } from '../clients/client.js';

export interface ProtectedResource {
  readonly identifier: ResourceIdentifier;
  readonly name: string;
  readonly scopes: readonly ScopeDefinition[];
  /** Granted when a client asks for none. */
  readonly defaultScopes: readonly string[];
  /** The server that runs it; one server may run several resources. */
  readonly serverId: ResourceServerId;
  readonly disabledAt?: Date;
}

/** A resource server as a caller of the introspection endpoint. */
export interface ResourceServer {
  readonly id: ResourceServerId;
  readonly secrets: readonly ClientSecret[];
  readonly disabledAt?: Date;
}
