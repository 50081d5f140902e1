import { type AuthorizationId, OAuthError, sameResource, tokenHash, verifierMatches } from '@gatehouse/protocol';
import { trustedStanding } from '../access/trusted-standing.js';
import type { Authorization, KeyBinding } from '../authorizations/authorization.js';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import { birthOf, scopesAtBirth } from '../authorizations/birth.js';
import type { ClientTrustPolicy } from '../clients/client-trust.js';
import type { Client } from '../clients/client.js';
import type { AuthorizationCode } from '../codes/authorization-code.js';
import type { AuthorizationCodeStore } from '../codes/authorization-code.store.js';
import { bindingDetail, familyBinding, requireBoundKey } from '../dpop/key-binding.js';
import { identityOf } from '../openid/id-token.js';
import { requestedResource } from '../resources/requested-resource.js';
import type { ServerPolicy } from '../server-policy.js';
import { Grant, type GrantRequest, type LeakedGrant, type PreparedGrant } from './grant.js';

/**
 * Spends a code for an authorization. A request that does not match the code in every respect is refused and neither
 * burns the code nor ends what it gave birth to: whoever saw a code in a log must not be able to do either.
 * Costs two store calls, read and write.
 * @spec OAuth 2.1 §4.1.3
 */
export class AuthorizationCodeGrant extends Grant {
  override readonly type = 'authorization_code';
  override readonly parameters = ['code'];

  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly trust: ClientTrustPolicy;
      readonly codes: AuthorizationCodeStore;
      readonly authorizations: AuthorizationStore;
    },
  ) {
    super();
  }

  override async prepare({ client, parameters, now, binding }: GrantRequest): Promise<PreparedGrant | LeakedGrant> {
    const found = await this.by.codes.find(tokenHash(parameters.require('code')));
    if (!found) throw new OAuthError('invalid_grant', 'unknown_code');
    const { code } = found;
    const standing = trustedStanding(found.standing, this.by.trust, client);

    if (code.clientId !== client.id) throw new OAuthError('invalid_grant', 'code_of_other_client');
    const verifier = parameters.get('code_verifier');
    if (verifier === undefined) throw new OAuthError('invalid_grant', 'missing_code_verifier');
    if (!verifierMatches(verifier, code.codeChallenge)) throw new OAuthError('invalid_grant', 'wrong_code_verifier');
    // OAuth 2.1 clients leave it out; where it is sent it must be the one that was used, run-time port included.
    if ((parameters.get('redirect_uri') ?? code.redirectUri) !== code.redirectUri)
      throw new OAuthError('invalid_grant', 'redirect_uri_mismatch');
    requireBoundKey(code.binding, binding);
    const resource = requestedResource(parameters);
    if (resource !== undefined && !sameResource(resource, code.resource))
      throw new OAuthError('invalid_target', 'resource_not_granted');

    // From here on the code is in the hands of whoever may redeem it: a second time means it leaked.
    const { redeemed } = code;
    if (redeemed) return { end: () => this.#endReused(code, redeemed.authorizationId, now) };
    if (now >= code.expiresAt) throw new OAuthError('invalid_grant', 'expired_code');
    const scopes = scopesAtBirth(code, standing);

    const { authorization, refreshToken } = birthOf(
      code,
      this.by.policy,
      client.grantTypes.includes('refresh_token'),
      now,
      familyBinding(client, binding),
    );
    return {
      authorization,
      scopes,
      identity: identityOf(authorization, standing, code.nonce),
      commit: async () => {
        await this.#redeem(client, code, authorization, now, binding);
        return refreshToken === undefined ? {} : { refreshToken };
      },
    };
  }

  async #redeem(
    client: Client,
    code: AuthorizationCode,
    authorization: Authorization,
    now: Date,
    binding: KeyBinding | undefined,
  ): Promise<void> {
    const audit = {
      type: 'code.redeemed',
      at: now,
      clientId: code.clientId,
      accountId: code.accountId,
      authorizationId: authorization.id,
      resource: code.resource,
      scopes: code.scopes,
      ...(binding ? { detail: bindingDetail(binding) } : {}),
    } as const;
    if (await this.by.codes.redeem(code, authorization, audit, now)) return;

    // Somebody spent it between our read and our write, or a party was disabled: read again to say which.
    const found = await this.by.codes.find(code.hash);
    if (!found) throw new OAuthError('invalid_grant', 'unknown_code');
    if (found.code.redeemed) return this.#endReused(code, found.code.redeemed.authorizationId, now);
    scopesAtBirth(code, trustedStanding(found.standing, this.by.trust, client));
    throw new OAuthError('temporarily_unavailable', 'unexpected');
  }

  /** Commits the end before it throws. @spec OAuth 2.1 §4.1.3, §7.5.3 */
  async #endReused(code: AuthorizationCode, authorizationId: AuthorizationId, now: Date): Promise<never> {
    await this.by.authorizations.revoke(authorizationId, 'code_reused', {
      type: 'code.reused',
      at: now,
      reason: 'code_reused',
      clientId: code.clientId,
      accountId: code.accountId,
      authorizationId,
      resource: code.resource,
    });
    throw new OAuthError('invalid_grant', 'code_reused');
  }
}
