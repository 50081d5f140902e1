import { OAuthError, type ResourceIdentifier } from '@gatehouse/protocol';
import { type PresentedCredentials, presentedToken } from './bearer/presented-token.js';
import type { TokenLiveness } from './liveness/token-liveness.js';
import type { Principal } from './principal.js';
import type { AccessTokenValidator } from './tokens/access-token-validator.js';

/**
 * The one way in: a token in the right place, verified for this resource, and still wanted. The issuer is asked last, and
 * about nothing that would be refused anyway.
 */
export class AccessAuthentication {
  constructor(
    private readonly validator: AccessTokenValidator,
    private readonly liveness: TokenLiveness,
  ) {}

  /** @throws OAuthError invalid_token, invalid_request, temporarily_unavailable */
  async authenticate(request: PresentedCredentials, resource: ResourceIdentifier): Promise<Principal> {
    const token = presentedToken(request);
    const principal = await this.validator.validate(token, resource);
    if (!(await this.liveness.isLive(token))) throw new OAuthError('invalid_token', 'access_token_revoked');
    return principal;
  }
}
