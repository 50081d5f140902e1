import { type AccountId, type ClientId, secondsSinceEpoch } from '@gatehouse/protocol';
import type { Authorization } from '../authorizations/authorization.js';
import type { SessionContext } from '../authorizations/session-context.js';
import type { Standing } from '../authorizations/standing.js';
import type { ServerPolicy } from '../server-policy.js';
import type { Signer } from '../tokens/signer.js';
import { isBesideResource } from './identity-scopes.js';
import { type Profile, type ProfileClaims, profileClaims } from './profile.js';

/** Other than an access token's, and what a reader of access tokens refuses. @spec RFC 8725 §3.11 */
export const ID_TOKEN_TYP = 'JWT';

/** The sign-in that an ID token tells a client of. */
export interface Identity {
  readonly clientId: ClientId;
  readonly accountId: AccountId;
  readonly authenticatedAt: Date;
  /** Absent for what was approved before sessions had a public name. */
  readonly session?: SessionContext;
  /** Of the very request whose code is redeemed now. */
  readonly nonce?: string;
  readonly profile?: Profile;
}

/** @spec OpenID Connect Core §2 */
export interface IdTokenClaims extends ProfileClaims {
  readonly iss: string;
  readonly sub: AccountId;
  readonly aud: ClientId;
  readonly iat: number;
  readonly exp: number;
  readonly auth_time: number;
  readonly nonce?: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
  /** @spec OpenID Connect Back-Channel Logout 1.0 §2.1 */
  readonly sid?: string;
}

/** Undefined where no person stands behind the grant. */
export function identityOf(
  { clientId, accountId, authenticatedAt, session }: Authorization,
  { profile }: Pick<Standing, 'profile'>,
  nonce?: string,
): Identity | undefined {
  if (accountId === undefined || authenticatedAt === undefined) return undefined;
  return {
    clientId,
    accountId,
    authenticatedAt,
    ...(session ? { session } : {}),
    ...(nonce === undefined ? {} : { nonce }),
    ...(profile ? { profile } : {}),
  };
}

/**
 * Makes ID tokens: for one client, about one sign-in, and of no use at any resource. Name and address are in it only where
 * the client has no token for userinfo, where they are otherwise asked for as they are then.
 * Costs one signature and no store call: what it tells was read with the grant.
 * @spec OpenID Connect Core §2, §3.1.3.6, §5.4, §12.2
 */
export class IdTokenIssuer {
  constructor(
    private readonly by: { readonly issuer: string; readonly policy: ServerPolicy; readonly signer: Signer },
  ) {}

  /** Undefined: the client does not have the scope `openid`. */
  async issue(identity: Identity, scopes: readonly string[], now: Date): Promise<string | undefined> {
    if (!scopes.includes('openid')) return undefined;
    const { clientId, accountId, authenticatedAt, session, nonce, profile } = identity;
    const iat = secondsSinceEpoch(now);
    const content: IdTokenClaims = {
      iss: this.by.issuer,
      sub: accountId,
      aud: clientId,
      iat,
      // No longer than an access token: the keys are kept for that long after their last signature.
      exp: iat + this.by.policy.accessTokenLifetime,
      auth_time: secondsSinceEpoch(authenticatedAt),
      ...(nonce === undefined ? {} : { nonce }),
      ...(session ? { acr: session.acr, amr: session.amr, sid: session.sid } : {}),
      ...(profile && isBesideResource(scopes) ? profileClaims(scopes, profile) : {}),
    };
    return this.by.signer.sign({ ...content }, ID_TOKEN_TYP);
  }
}
