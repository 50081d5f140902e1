import type {
  AccountId,
  ClientId,
  OAuthErrorCode,
  RefusalReason,
  ResourceIdentifier,
  TokenHash,
  VerifiedRedirect,
} from '@gatehouse/protocol';
import type { KeyBinding } from '../authorizations/authorization.js';
import type { SessionContext } from '../authorizations/session-context.js';
import type { RequestedSignIn } from './requested-sign-in.js';

/** A request whose client and redirect URI were verified. Stored as JSON. */
export interface AuthorizationRequest {
  readonly clientId: ClientId;
  readonly redirectUri: VerifiedRedirect;
  /** Whether the request named it: then OAuth 2.0 style clients repeat it at the token endpoint, and it must be equal. */
  readonly redirectUriWasSent: boolean;
  readonly state?: string;
  /** The client wants an answer without anything being shown (`prompt=none`). */
  readonly silent?: true;
}

/** What a client wants a person to grant. */
export interface Asked {
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  /** The client wants the person to be asked even if a stored consent would do (`prompt=consent`). */
  readonly alwaysAsk?: boolean;
}

/** The answer goes to the redirect URI: a code. */
export interface CodeRequest extends AuthorizationRequest, Asked {
  readonly codeChallenge: string;
  /** For the ID token, if there will be one. */
  readonly nonce?: string;
  /** Key that the code will be bound to. */
  readonly binding?: KeyBinding;
  /** Absent: whoever is signed in, however that was. */
  readonly signIn?: RequestedSignIn;
}

/** The answer waits for a device that polls for it. */
export interface DeviceRequest extends Asked {
  readonly clientId: ClientId;
  readonly device: {
    readonly code: TokenHash;
    /** Network that the device asked from, and when (ISO 8601, for it is stored as JSON): to be recognised by the person. */
    readonly network: string;
    readonly startedAt: string;
  };
}

export type GrantableRequest = CodeRequest | DeviceRequest;

/** A request that will be refused by redirect, but only after the person has signed in: no open redirector. */
export interface RefusedRequest extends AuthorizationRequest {
  readonly refusal: { readonly code: OAuthErrorCode; readonly reason: RefusalReason };
}

/** A journey to a device begins without a request: which one it is about, the person says by typing a code. */
export interface UserCodeRequest {
  /** `offered`: the code of a complete link, readable only with the browser's cookie; see offered-code.ts. */
  readonly userCode: { readonly offered?: string };
}

export type JourneyRequest = GrantableRequest | RefusedRequest | UserCodeRequest;

export function isRefused(request: JourneyRequest): request is RefusedRequest {
  return 'refusal' in request;
}

export function isForDevice(request: JourneyRequest): request is DeviceRequest {
  return 'device' in request;
}

export function awaitsUserCode(request: JourneyRequest): request is UserCodeRequest {
  return 'userCode' in request;
}

export function isSilent(request: JourneyRequest): request is CodeRequest | RefusedRequest {
  return 'silent' in request && request.silent === true;
}

/** What the client asked of the sign-in of its person. */
export function wantedSignIn(request: JourneyRequest): RequestedSignIn {
  return 'signIn' in request ? (request.signIn ?? {}) : {};
}

/** The person of this journey, as the identity side established it. */
export interface SignedInPerson extends SessionContext {
  readonly accountId: AccountId;
  readonly authenticatedAt: Date;
}

/** One browser journey from /authorize or /device to its end. Bound to one browser; its id changes when a person signs in. */
export interface Interaction {
  readonly id: TokenHash;
  /** Hash of the browser cookie it was begun with. */
  readonly browser: TokenHash;
  readonly request: JourneyRequest;
  readonly person?: SignedInPerson;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}
