export { AccessAuthentication } from './authentication.js';
export {
  type PresentedCredentials,
  presentedScheme,
  type TokenScheme,
  withoutCredentials,
} from './presented/presented-token.js';
export { MemoryUsedProofs } from './binding/memory-used-proofs.js';
export { type PossessionPolicy, ProofOfPossession } from './binding/proof-of-possession.js';
export { type UsedProof, UsedProofs } from './binding/used-proofs.js';
export { CachedIssuerKeys, KEY_SET_POLICY, type KeySetPolicy } from './keys/cached-issuer-keys.js';
export {
  IssuerKeys,
  KeySetSource,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  type VerificationKey,
} from './keys/issuer-keys.js';
export { RememberedLiveness } from './liveness/remembered-liveness.js';
export { type LiveToken, TokenLiveness, UncheckedLiveness } from './liveness/token-liveness.js';
export type { Principal } from './principal.js';
export {
  type AuthenticationDemand,
  requireAuthentication,
  requirePossible,
  strictest,
} from './step-up/authentication-demand.js';
export { type AccessTokenPolicy, AccessTokenValidator } from './tokens/access-token-validator.js';
