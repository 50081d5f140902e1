export {
  type AccessDecision,
  type AccessQuestion,
  decideAccess,
  type QuestionedClient,
  questionedClient,
  type RuleJudgement,
  type RuleMiss,
} from './access/access-decision.js';
export { AccessPolicy, type AppliedPolicy, type GroupOutcome, type RefusedPolicy } from './access/access-policy.js';
export {
  AccessPolicyStore,
  type PolicyPeople,
  type PolicyPerson,
  type PolicyReplacement,
} from './access/access-policy.store.js';
export { declaredPolicy, type DeclaredPolicy, type DeclaredRule } from './access/declared-rules.js';
export { type Explanation, explainAccess, type Obstacle } from './access/explanation.js';
export { type Loss, type RuleChange } from './access/policy-change.js';
export { type AccessRule, isGroupName, isLocalGroup, LOCAL_GROUPS, type RuleTrust } from './access/access-rule.js';
export { type Actor, actorOf } from './administration/actor.js';
export {
  type AnsweredClient,
  ClientAdministration,
  type DeclaredAnswer,
  SECRET_OVERLAP,
} from './administration/client-administration.js';
export { ClientAdministrationStore, type ClientSelection } from './administration/client-administration.store.js';
export {
  type ClientRepresentation,
  clientRepresentation,
  representation,
  versionOf,
} from './administration/client-representation.js';
export {
  RegistrationTokenAdministration,
  type RegistrationTokenRepresentation,
  registrationTokenRepresentation,
  tokenRepresentation,
} from './administration/registration-token-administration.js';
export { pageQuery, registrationTokenRequest, secretRequest } from './administration/requests.js';
export type { Authorization, KeyBinding, RefreshState, RevocationReason } from './authorizations/authorization.js';
export { AuthorizationStore } from './authorizations/authorization.store.js';
export { type SessionContext, sessionContext } from './authorizations/session-context.js';
export type { Standing } from './authorizations/standing.js';
export {
  AuthorizationEndpoint,
  type AuthorizationEndpointDependencies,
  type ConsentDecision,
} from './authorize/authorization-endpoint.js';
export type {
  AuthorizationRequest,
  CodeRequest,
  DeviceRequest,
  GrantableRequest,
  Interaction,
  RefusedRequest,
  SignedInPerson,
  UserCodeRequest,
} from './authorize/interaction.js';
export { type Approval, InteractionStore } from './authorize/interaction.store.js';
export { type Ended, JourneyEnd } from './authorize/journey-end.js';
export { RequestChecks } from './authorize/request-checks.js';
export type {
  ConsentView,
  DeviceView,
  InteractionView,
  NextStep,
  RedirectView,
  RefusalView,
} from './authorize/views.js';
export { EXPIRING_RECORDS, ExpiredRecords, type ExpiringRecord } from './cleanup/expired-records.js';
export { DEVICE_CODE_GRANT, TOKEN_EXCHANGE_GRANT } from './clients/client.js';
export type {
  Client,
  ClientAuthMethod,
  ClientKeySet,
  ClientSecret,
  DocumentCopy,
  GrantType,
} from './clients/client.js';
export { AssertionReplayStore } from './clients/assertion-replay.store.js';
export { assertionSubject, CLIENT_ASSERTION_TYPE, ClientAssertions } from './clients/client-assertion.js';
export { ClientKeys } from './clients/client-keys.js';
export { ClientKeySource } from './clients/client-key-source.js';
export { isKeySetUri, readPublicKeys } from './clients/public-keys.js';
export { ClientAuthentication } from './clients/client-authentication.js';
export { ClientDirectory } from './clients/client-directory.js';
export { type ClientTrustPolicy, OPEN_TO_ALL, type TrustList } from './clients/client-trust.js';
export { ClientStore } from './clients/client.store.js';
export { ClientUsage } from './clients/client-usage.js';
export { type ClientUse, ClientUsageStore } from './clients/client-usage.store.js';
export { type SecretRenewal, Secrets } from './clients/secrets.js';
export type { AuthenticatedRequest } from './clients/presented-credentials.js';
export {
  type DocumentAnswer,
  type DocumentFailure,
  MetadataDocumentSource,
} from './clients/documents/metadata-document-source.js';
export type { AuthorizationCode } from './codes/authorization-code.js';
export { AuthorizationCodeStore } from './codes/authorization-code.store.js';
export type { Consent } from './consent/consent.js';
export { ConsentStore } from './consent/consent.store.js';
export type { DeviceApproval, DeviceAuthorization, DeviceDecision } from './device/device-authorization.js';
export { DeviceAuthorizationStore, SLOW_DOWN_BY } from './device/device-authorization.store.js';
export {
  DeviceAuthorizationEndpoint,
  type DeviceAuthorizationResponse,
} from './device/device-authorization-endpoint.js';
export { UserCodeAttempts } from './device/user-code-attempts.js';
export { UserCodeEntry } from './device/user-code-entry.js';
export { UserCodes } from './device/user-code.js';
export type { ActorChain } from './exchange/actor-chain.js';
export type { ExchangeRule } from './exchange/exchange-rule.js';
export { unknownInRules } from './exchange/unknown-names.js';
export { ExchangeStore, type ExchangeSubject, type ExchangeTarget } from './exchange/exchange.store.js';
export {
  type Ancestor,
  type AncestorRecord,
  type FoundAuthorization,
  type KnownClient,
  standingOfLine,
} from './authorizations/lineage.js';
export { DpopProofs } from './dpop/dpop-proofs.js';
export { ProofReplayStore } from './dpop/proof-replay.store.js';
export { EntitlementStore, type Receiver } from './entitlements/entitlement.store.js';
export { AuthorizationCodeGrant } from './grants/authorization-code.grant.js';
export { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
export { DeviceCodeGrant } from './grants/device-code.grant.js';
export { Grant, type GrantRequest, type PreparedGrant } from './grants/grant.js';
export { RefreshTokenGrant } from './grants/refresh-token.grant.js';
export { TokenExchangeGrant } from './grants/token-exchange.grant.js';
export { IntrospectionEndpoint, type IntrospectionResponse } from './introspection/introspection-endpoint.js';
export type { IntrospectionAnswer } from './introspection/signed-introspection.js';
export { AesGcmKeyVault } from './keys/aes-gcm-key-vault.js';
export { parseKeyEncryptionKeys } from './keys/key-encryption-keys.js';
export { type RotationRequest, isPublished, signingKeyAt } from './keys/key-lifecycle.js';
export {
  DEFAULT_KEY_POLICY,
  MAXIMUM_ACCESS_TOKEN_LIFETIME,
  KEY_TIMING,
  type KeyPolicy,
  type KeyPolicyProblem,
  MINIMUM_PUBLISH_LEAD,
  keyPolicy,
  keyPolicyProblems,
} from './keys/key-policy.js';
export { type CurrentSigningKey, KeyRing, type KeyRingDependencies, type KeyRingProblem } from './keys/key-ring.js';
export {
  type RotationResult,
  SigningKeyRotation,
  type SigningKeyRotationDependencies,
} from './keys/signing-key-rotation.js';
export { KeyVault } from './keys/key-vault.js';
export type { SealedSigningKey, SigningKey } from './keys/signing-key.js';
export { SigningKeyStore } from './keys/signing-key.store.js';
export { logoutMetadata } from './logout/logout-terms.js';
export { type DeliveryResult, LOGOUT_DELIVERY, LogoutDeliveries } from './logout/logout-delivery.js';
export { type Destination, LOGOUT_PARAMETERS, LogoutEndpoint, type LogoutStep } from './logout/logout-endpoint.js';
export { type LogoutClaim, type LogoutNotice, LogoutNoticeStore } from './logout/logout-notice.store.js';
export { type LogoutDelivery, LogoutReceiver } from './logout/logout-receiver.js';
export { type IdTokenHint, IdTokenHints } from './logout/id-token-hints.js';
export {
  type AuthorizationServerMetadata,
  authorizationServerMetadata,
} from './metadata/authorization-server-metadata.js';
export { type Identity, type IdTokenClaims, IdTokenIssuer } from './openid/id-token.js';
export type { Profile, ProfileClaims } from './openid/profile.js';
export { userinfo, type UserinfoResponse } from './openid/userinfo.js';
export type { PushedRequest } from './pushed-requests/pushed-request.js';
export { PushedRequestStore } from './pushed-requests/pushed-request.store.js';
export { PushedRequestEndpoint, type PushedRequestResponse } from './pushed-requests/pushed-request-endpoint.js';
export { ClientConfigurationEndpoint } from './registration/client-configuration-endpoint.js';
export type { ClientInformation } from './registration/client-information.js';
export { type InitialAccessToken, InitialAccessTokenStore } from './registration/initial-access-token.store.js';
export { InitialAccessTokens, isUsable, stateOf } from './registration/initial-access-tokens.js';
export { Quarantine, sourceNetwork, sourceSite } from './registration/quarantine.js';
export { RegistrationAttempts } from './registration/registration-attempts.js';
export { RegistrationEndpoint } from './registration/registration-endpoint.js';
export { type Admission, FLOW_TAIL, type ManagedClient, RegistrationStore } from './registration/registration.store.js';
export { clientDeclaration, type ClientDeclaration, declaredClient } from './pre-registration/client-declaration.js';
export { type ClientChange, PreRegistrationStore } from './pre-registration/pre-registration.store.js';
export { unknownScopes } from './pre-registration/unknown-scopes.js';
export {
  PreRegistration,
  type PreRegistrationOutcome,
  type PreRegistrationResult,
} from './pre-registration/pre-registration.js';
export { OwnAccess, type OwnAccessRequest, type OwnPrincipal } from './resources/own-access.js';
export {
  ADMIN_SCOPES,
  adminResource,
  isAdministration,
  isOwnResource,
  OWN_SERVER,
  OwnResources,
  ownResources,
  userinfoResource,
} from './resources/own-resources.js';
export type { ProtectedResource, ResourceServer } from './resources/protected-resource.js';
export { ResourceStore } from './resources/resource.store.js';
export { RevocationEndpoint } from './revocation/revocation-endpoint.js';
export { DEFAULT_SERVER_POLICY, type ServerPolicy } from './server-policy.js';
export {
  type AccessTokenClaims,
  AccessTokenIssuer,
  type AccessTokenOrder,
  AccessTokenReader,
} from './tokens/access-token.js';
export { AccessTokenKeys } from './tokens/access-token-keys.js';
export { Signer } from './tokens/signer.js';
export { TokenEndpoint, type TokenResponse } from './tokens/token-endpoint.js';
