import type { Clock } from '@gatehouse/protocol';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import type { AuthenticatedRequest, ClientAuthentication } from '../clients/client-authentication.js';
import type { AccessTokenReader } from '../tokens/access-token.js';

export class RevocationEndpoint {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly clients: ClientAuthentication;
      readonly authorizations: AuthorizationStore;
      readonly accessTokens: AccessTokenReader;
    },
  ) {}

  revoke(request: AuthenticatedRequest): Promise<void> {
    throw new Error(`${String(request)} ${String(this.by)}`);
  }
}
