export { AccessAuthentication } from './authentication.js';
export { type PresentedCredentials, presentedToken, withoutCredentials } from './bearer/presented-token.js';
export { CachedIssuerKeys, KEY_SET_POLICY, type KeySetPolicy } from './keys/cached-issuer-keys.js';
export {
  IssuerKeys,
  KeySetSource,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  type VerificationKey,
} from './keys/issuer-keys.js';
export { RememberedLiveness } from './liveness/remembered-liveness.js';
export { TokenLiveness, UncheckedLiveness } from './liveness/token-liveness.js';
export type { Principal } from './principal.js';
export {
  type AuthenticationDemand,
  requireAuthentication,
  requirePossible,
  strictest,
} from './step-up/authentication-demand.js';
export { type AccessTokenPolicy, AccessTokenValidator } from './tokens/access-token-validator.js';
