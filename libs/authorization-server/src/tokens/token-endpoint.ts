import type { Clock } from '@gatehouse/protocol';
import type { AuthenticatedRequest, ClientAuthentication } from '../clients/client-authentication.js';
import type { Grant } from '../grants/grant.js';
import type { AccessTokenIssuer } from './access-token.js';

/** @spec OAuth 2.1 §3.2.3 */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
}

export class TokenEndpoint {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly clients: ClientAuthentication;
      readonly accessTokens: AccessTokenIssuer;
      readonly grants: readonly Grant[];
    },
  ) {}

  handle(request: AuthenticatedRequest): Promise<TokenResponse> {
    throw new Error(`${String(request)} ${String(this.by)}`);
  }
}
