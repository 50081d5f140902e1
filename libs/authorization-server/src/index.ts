export type { Authorization, RefreshState, RevocationReason } from './authorizations/authorization.js';
export { AuthorizationStore } from './authorizations/authorization.store.js';
export type { Standing } from './authorizations/standing.js';
export type {
  AuthorizationRequest,
  GrantableRequest,
  Interaction,
  RefusedRequest,
  SignedInPerson,
} from './authorize/interaction.js';
export { InteractionStore } from './authorize/interaction.store.js';
export { EXPIRING_RECORDS, ExpiredRecords, type ExpiringRecord } from './cleanup/expired-records.js';
export type { Client, ClientAuthMethod, ClientSecret, GrantType } from './clients/client.js';
export { ClientStore } from './clients/client.store.js';
export type { AuthorizationCode } from './codes/authorization-code.js';
export { AuthorizationCodeStore } from './codes/authorization-code.store.js';
export type { Consent } from './consent/consent.js';
export { ConsentStore } from './consent/consent.store.js';
export { EntitlementStore } from './entitlements/entitlement.store.js';
export { KeyVault } from './keys/key-vault.js';
export type { SealedSigningKey, SigningKey } from './keys/signing-key.js';
export { SigningKeyStore } from './keys/signing-key.store.js';
export type { ProtectedResource, ResourceServer } from './resources/protected-resource.js';
export { ResourceStore } from './resources/resource.store.js';
export { DEFAULT_SERVER_POLICY, type ServerPolicy } from './server-policy.js';
export { Signer } from './tokens/signer.js';
