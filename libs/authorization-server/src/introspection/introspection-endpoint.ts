import type { Clock } from '@gatehouse/protocol';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import type { AuthenticatedRequest } from '../clients/client-authentication.js';
import type { ResourceStore } from '../resources/resource.store.js';
import type { AccessTokenReader } from '../tokens/access-token.js';

/** @spec RFC 7662 §2.2 */
export type IntrospectionResponse =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly iss: string;
      readonly sub: string;
      readonly aud: string;
      readonly client_id: string;
      readonly scope: string;
      readonly exp: number;
      readonly iat: number;
      readonly jti: string;
      readonly token_type: 'Bearer';
    };

export class IntrospectionEndpoint {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly resources: ResourceStore;
      readonly authorizations: AuthorizationStore;
      readonly accessTokens: AccessTokenReader;
    },
  ) {}

  introspect(request: AuthenticatedRequest): Promise<IntrospectionResponse> {
    throw new Error(`${String(request)} ${String(this.by)}`);
  }
}
