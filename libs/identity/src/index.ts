export type { Account } from './accounts/account.js';
export {
  type AccountProblem,
  AccountRegistration,
  type AccountRegistrationParts,
  type NewAccount,
  type PasswordChangeOutcome,
  type RegistrationOutcome,
} from './accounts/account-registration.js';
export { AccountStore } from './accounts/account.store.js';
export type { Email } from './accounts/email.js';
export { normaliseUsername } from './accounts/username.js';
export { AttemptCounter, type AttemptLimit } from './attempts/attempt-counter.js';
export { AccountFactors, type AccountFactorsParts, type FactorsView, isFresh } from './factors/account-factors.js';
export { type Enrolment, Enrolments } from './factors/enrolments.js';
export {
  type CodeApp,
  type Factor,
  MOST_FACTORS,
  type Passkey,
  SECOND_FACTOR_RULES,
  type SecondFactorRule,
} from './factors/factor.js';
export { type AddedFactor, FactorStore } from './factors/factor.store.js';
export { type CeremonyOptions, PasskeyCeremonies } from './factors/passkey-ceremonies.js';
export { type PendingSignIn, PendingSignInStore, type Place } from './factors/pending-sign-in.store.js';
export { RecoveryCodes } from './factors/recovery-codes.js';
export { SecondStep, type SecondStepParts, type SecondStepView, type SecondStepVisit } from './factors/second-step.js';
export { PasswordHasher } from './passwords/password-hasher.js';
export { PASSWORD_RULE, isAcceptablePassword } from './passwords/password-rule.js';
export type { Person, Session, ShownSession } from './sessions/session.js';
export { SessionStore } from './sessions/session.store.js';
export { Sessions, type SessionsParts } from './sessions/sessions.js';
export { ATTAINABLE_LEVELS, type Authentication, attainableLevels, BY_PASSWORD } from './sign-in/authentication.js';
export { KnownBrowsers } from './sign-in/known-browsers.js';
export { SessionStart, type SessionStartParts, type SignedIn } from './sign-in/session-start.js';
export { type FirstStep, SignIn, type SignInInput, type SignInParts } from './sign-in/sign-in.js';
export { DEFAULT_SIGN_IN_POLICY, type LocalSignIn, type SignInPolicy } from './sign-in/sign-in-policy.js';
export {
  type ArriveInput,
  type Connector,
  type ConnectorSettings,
  Connectors,
  type DepartInput,
  type Departure,
  type ExternalPerson,
  PasswordConnector,
  RedirectConnector,
} from './sso/connector.js';
export { Directories, type DirectoriesParts } from './sso/directories.js';
export {
  type Arrival,
  type ArrivalOutcome,
  type ArrivalRefusal,
  ExternalIdentityStore,
} from './sso/external-identity.store.js';
export { ExternalSignIn, type ExternalSignInParts } from './sso/external-sign-in.js';
export {
  type ConfiguredProvider,
  type IdentityProvider,
  PROVIDER_ID,
  PROVIDER_KINDS,
  type ProviderId,
  type ProviderKind,
  type ProviderSecrets,
  type StoredProvider,
} from './sso/identity-provider.js';
export { IdentityProviderStore, type ProviderChange } from './sso/identity-provider.store.js';
export {
  type ProviderDeclaration,
  providerDeclaration,
  ProviderRegistry,
  type ProviderRegistryParts,
  type ProviderResult,
} from './sso/provider-registry.js';
export { Providers, type ProvidersParts, domainOf, openProvider, sealSecrets } from './sso/providers.js';
export { type SsoArrival, type SsoDeparture, SsoJourney, type SsoJourneyParts } from './sso/sso-journey.js';
export { type SsoLogin, SsoLoginStore } from './sso/sso-login.store.js';
export { SsoProblem, type SsoProblemReason } from './sso/sso-problem.js';
export { type UpstreamAnswer, UpstreamFetch, type UpstreamRequest } from './sso/upstream-fetch.js';
export { UsedAssertionStore } from './sso/used-assertion.store.js';
export { Vault } from './sso/vault.js';
