import type {
  AccountId,
  ClientId,
  OAuthErrorCode,
  RefusalReason,
  ResourceIdentifier,
  TokenHash,
  VerifiedRedirect,
} from '@gatehouse/protocol';

/** A request whose client and redirect URI were verified. Stored as JSON. */
export interface AuthorizationRequest {
  readonly clientId: ClientId;
  readonly redirectUri: VerifiedRedirect;
  /** Whether the request named it: then OAuth 2.0 style clients repeat it at the token endpoint, and it must be equal. */
  readonly redirectUriWasSent: boolean;
  readonly state?: string;
}

export interface GrantableRequest extends AuthorizationRequest {
  readonly codeChallenge: string;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  /** The client wants the person to be asked even if a stored consent would do (`prompt=consent`). */
  readonly alwaysAsk?: boolean;
}

/** A request that will be refused by redirect, but only after the person has signed in: no open redirector. */
export interface RefusedRequest extends AuthorizationRequest {
  readonly refusal: { readonly code: OAuthErrorCode; readonly reason: RefusalReason };
}

/** The person of this journey, as the identity side established it. */
export interface SignedInPerson {
  readonly accountId: AccountId;
  readonly authenticatedAt: Date;
}

/** One browser journey from /authorize to the redirect. Bound to one browser; its id changes when a person signs in. */
export interface Interaction {
  readonly id: TokenHash;
  /** Hash of the browser cookie it was begun with. */
  readonly browser: TokenHash;
  readonly request: GrantableRequest | RefusedRequest;
  readonly person?: SignedInPerson;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}
