export { hmacSha256 } from './hmac.js';
export type {
  AccountId,
  AuthorizationId,
  Brand,
  ClientId,
  KeyId,
  ResourceIdentifier,
  ResourceServerId,
  SecretHash,
  TokenHash,
} from './brand.js';
export { AUTHENTICATION_LEVELS, type AuthenticationLevel, satisfies } from './authentication-context.js';
export { challenge } from './challenge.js';
export { Clock, SystemClock, after, secondsSinceEpoch } from './clock.js';
export { type BasicCredentials, basic, parseBasic } from './credentials.js';
export {
  type MemberProblem,
  OAUTH_ERROR_CODES,
  OAuthError,
  type OAuthErrorCode,
  errorDescription,
} from './oauth-error.js';
export { Parameters } from './parameters.js';
export { isCodeChallenge, isCodeVerifier, verifierMatches } from './pkce.js';
export {
  type RedirectProblem,
  type VerifiedRedirect,
  isLoopbackRedirect,
  matchRedirect,
  redirectDisplayHost,
  redirectProblem,
  staysOnThisMachine,
} from './redirect-uri.js';
export { REFUSAL_REASONS, type RefusalReason } from './refusal-reason.js';
export { comparableResource, resourceIdentifier, sameResource } from './resource-indicator.js';
export { type SecretPrefix, newSecret, sameHash, tokenHash } from './token-secret.js';
