import {
  AccessTokenIssuer,
  AccessTokenKeys,
  AccessTokenReader,
  AssertionReplayStore,
  AuthorizationCodeGrant,
  AuthorizationCodeStore,
  AuthorizationEndpoint,
  AuthorizationStore,
  ClientAssertions,
  ClientAuthentication,
  ClientCredentialsGrant,
  ClientDirectory,
  ClientConfigurationEndpoint,
  ClientKeys,
  ClientKeySource,
  ClientStore,
  ClientUsage,
  ClientUsageStore,
  ConsentStore,
  DeviceCodeGrant,
  DpopProofs,
  EntitlementStore,
  IdTokenHints,
  IdTokenIssuer,
  InitialAccessTokenStore,
  InteractionStore,
  IntrospectionEndpoint,
  JourneyEnd,
  KeyRing,
  KeyVault,
  LogoutEndpoint,
  MetadataDocumentSource,
  OwnAccess,
  OwnResources,
  ProofReplayStore,
  PushedRequestEndpoint,
  PushedRequestStore,
  RefreshTokenGrant,
  Quarantine,
  RegistrationAttempts,
  RegistrationEndpoint,
  RegistrationStore,
  RequestChecks,
  ResourceStore,
  RevocationEndpoint,
  Secrets,
  Signer,
  TokenEndpoint,
  TokenExchangeGrant,
} from '@gatehouse/authorization-server';
import { DpopNonces } from '@gatehouse/dpop';
import { attainableLevels } from '@gatehouse/identity';
import { AttemptCounter } from '@gatehouse/identity';
import { Clock } from '@gatehouse/protocol';
import type { Provider } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { administrationProviders } from './administration.providers.js';
import { deviceProviders } from './device.providers.js';
import { exchangeProviders } from './exchange.providers.js';
import { PublishedMetadata } from './metadata/published-metadata.js';
import { CountedRegistrations } from './registration/counted-registrations.js';
import { ServerSettings } from './server-settings.js';
import { JwtSigner } from './signing/jwt-signer.js';

/**
 * The core, put together. Port classes are the tokens, and every object of the core is made here and nowhere else:
 * a new grant is its provider and one line in TokenEndpoint's.
 */
export const coreProviders: Provider[] = [
  {
    provide: Signer,
    useFactory: (jwt: JwtService, keys: KeyRing) => new JwtSigner(jwt, keys),
    inject: [JwtService, KeyRing],
  },
  { provide: AccessTokenKeys, useExisting: KeyRing },
  {
    provide: AccessTokenIssuer,
    useFactory: ({ issuer, policy }: ServerSettings, signer: Signer) =>
      new AccessTokenIssuer({ issuer, policy, signer }),
    inject: [ServerSettings, Signer],
  },
  {
    provide: IdTokenIssuer,
    useFactory: ({ issuer, policy }: ServerSettings, signer: Signer) => new IdTokenIssuer({ issuer, policy, signer }),
    inject: [ServerSettings, Signer],
  },
  {
    provide: AccessTokenReader,
    useFactory: ({ issuer }: ServerSettings, clock: Clock, keys: AccessTokenKeys) =>
      new AccessTokenReader({ issuer, clock, keys }),
    inject: [ServerSettings, Clock, AccessTokenKeys],
  },
  { provide: Secrets, useFactory: (vault: KeyVault) => new Secrets(vault), inject: [KeyVault] },
  {
    provide: ClientKeys,
    useFactory: (clock: Clock, source: ClientKeySource) => new ClientKeys({ clock, source }),
    inject: [Clock, ClientKeySource],
  },
  {
    provide: ClientAssertions,
    useFactory: ({ issuer }: ServerSettings, clock: Clock, keys: ClientKeys, replays: AssertionReplayStore) =>
      new ClientAssertions({ issuer, clock, keys, replays }),
    inject: [ServerSettings, Clock, ClientKeys, AssertionReplayStore],
  },
  {
    provide: ClientDirectory,
    useFactory: (
      { trust, policy }: ServerSettings,
      clients: ClientStore,
      documents: MetadataDocumentSource,
      clock: Clock,
      quarantine: Quarantine,
    ) => new ClientDirectory({ clients, documents, trust, policy, clock, quarantine }),
    inject: [ServerSettings, ClientStore, MetadataDocumentSource, Clock, Quarantine],
  },
  {
    provide: ClientAuthentication,
    useFactory: (clients: ClientDirectory, clock: Clock, secrets: Secrets, assertions: ClientAssertions) =>
      new ClientAuthentication({ clients, clock, secrets, assertions }),
    inject: [ClientDirectory, Clock, Secrets, ClientAssertions],
  },
  {
    provide: DpopProofs,
    useFactory: ({ issuer, policy }: ServerSettings, clock: Clock, replays: ProofReplayStore, vault: KeyVault) =>
      new DpopProofs({
        issuer,
        clock,
        replays,
        ...(policy.dpopNonces ? { nonces: new DpopNonces(vault.derive('dpop-nonce'), clock) } : {}),
      }),
    inject: [ServerSettings, Clock, ProofReplayStore, KeyVault],
  },
  {
    provide: AuthorizationCodeGrant,
    useFactory: (
      { policy, trust }: ServerSettings,
      codes: AuthorizationCodeStore,
      authorizations: AuthorizationStore,
    ) => new AuthorizationCodeGrant({ policy, trust, codes, authorizations }),
    inject: [ServerSettings, AuthorizationCodeStore, AuthorizationStore],
  },
  {
    provide: RefreshTokenGrant,
    useFactory: ({ policy, trust }: ServerSettings, authorizations: AuthorizationStore, vault: KeyVault) =>
      new RefreshTokenGrant({ policy, trust, authorizations, vault }),
    inject: [ServerSettings, AuthorizationStore, KeyVault],
  },
  {
    provide: ClientCredentialsGrant,
    useFactory: (
      { policy, defaultResource }: ServerSettings,
      resources: ResourceStore,
      authorizations: AuthorizationStore,
    ) =>
      new ClientCredentialsGrant({
        policy,
        resources,
        authorizations,
        ...(defaultResource === undefined ? {} : { defaultResource }),
      }),
    inject: [ServerSettings, ResourceStore, AuthorizationStore],
  },
  {
    provide: TokenEndpoint,
    useFactory: (
      { policy }: ServerSettings,
      clock: Clock,
      clients: ClientAuthentication,
      proofs: DpopProofs,
      accessTokens: AccessTokenIssuer,
      idTokens: IdTokenIssuer,
      code: AuthorizationCodeGrant,
      refresh: RefreshTokenGrant,
      clientCredentials: ClientCredentialsGrant,
      device: DeviceCodeGrant,
      exchange: TokenExchangeGrant,
      usage: ClientUsage,
    ) =>
      new TokenEndpoint({
        clock,
        clients,
        proofs,
        accessTokens,
        idTokens,
        grants: [code, refresh, clientCredentials, exchange, ...(policy.deviceAuthorization ? [device] : [])],
        usage,
      }),
    inject: [
      ServerSettings,
      Clock,
      ClientAuthentication,
      DpopProofs,
      AccessTokenIssuer,
      IdTokenIssuer,
      AuthorizationCodeGrant,
      RefreshTokenGrant,
      ClientCredentialsGrant,
      DeviceCodeGrant,
      TokenExchangeGrant,
      ClientUsage,
    ],
  },
  {
    provide: IdTokenHints,
    useFactory: ({ issuer }: ServerSettings, keys: AccessTokenKeys) => new IdTokenHints({ issuer, keys }),
    inject: [ServerSettings, AccessTokenKeys],
  },
  {
    provide: LogoutEndpoint,
    useFactory: (clients: ClientDirectory, hints: IdTokenHints) => new LogoutEndpoint({ clients, hints }),
    inject: [ClientDirectory, IdTokenHints],
  },
  {
    provide: RequestChecks,
    useFactory: (
      { issuer, policy, defaultResource, secondFactor }: ServerSettings,
      resources: ResourceStore,
      hints: IdTokenHints,
    ) =>
      new RequestChecks({
        issuer,
        policy,
        resources,
        signIn: { levels: attainableLevels(secondFactor), hints },
        ...(defaultResource === undefined ? {} : { defaultResource }),
      }),
    inject: [ServerSettings, ResourceStore, IdTokenHints],
  },
  {
    provide: JourneyEnd,
    useFactory: ({ issuer, policy }: ServerSettings, clock: Clock, interactions: InteractionStore) =>
      new JourneyEnd({ issuer, policy, clock, interactions }),
    inject: [ServerSettings, Clock, InteractionStore],
  },
  {
    provide: AuthorizationEndpoint,
    useFactory: (
      { policy }: ServerSettings,
      clock: Clock,
      clients: ClientDirectory,
      resources: ResourceStore,
      interactions: InteractionStore,
      consents: ConsentStore,
      entitlements: EntitlementStore,
      pushed: PushedRequestStore,
      checks: RequestChecks,
      end: JourneyEnd,
    ) =>
      new AuthorizationEndpoint({
        policy,
        clock,
        clients,
        resources,
        interactions,
        consents,
        entitlements,
        pushed,
        checks,
        end,
      }),
    inject: [
      ServerSettings,
      Clock,
      ClientDirectory,
      ResourceStore,
      InteractionStore,
      ConsentStore,
      EntitlementStore,
      PushedRequestStore,
      RequestChecks,
      JourneyEnd,
    ],
  },
  {
    provide: PushedRequestEndpoint,
    useFactory: (
      { policy }: ServerSettings,
      clock: Clock,
      clients: ClientAuthentication,
      proofs: DpopProofs,
      checks: RequestChecks,
      pushed: PushedRequestStore,
    ) => new PushedRequestEndpoint({ policy, clock, clients, proofs, checks, pushed }),
    inject: [ServerSettings, Clock, ClientAuthentication, DpopProofs, RequestChecks, PushedRequestStore],
  },
  {
    provide: ClientUsage,
    useFactory: (usage: ClientUsageStore) => new ClientUsage(usage),
    inject: [ClientUsageStore],
  },
  {
    provide: Quarantine,
    useFactory: ({ policy }: ServerSettings, clock: Clock, registrations: RegistrationStore) =>
      new Quarantine({ policy, clock, registrations }),
    inject: [ServerSettings, Clock, RegistrationStore],
  },
  {
    provide: RegistrationEndpoint,
    useFactory: (
      { issuer, policy }: ServerSettings,
      clock: Clock,
      registrations: RegistrationStore,
      initialAccessTokens: InitialAccessTokenStore,
      secrets: Secrets,
      quarantine: Quarantine,
      attempts: RegistrationAttempts,
    ) =>
      new RegistrationEndpoint({
        issuer,
        policy,
        clock,
        registrations,
        initialAccessTokens,
        secrets,
        quarantine,
        attempts,
      }),
    inject: [
      ServerSettings,
      Clock,
      RegistrationStore,
      InitialAccessTokenStore,
      Secrets,
      Quarantine,
      RegistrationAttempts,
    ],
  },
  {
    provide: RegistrationAttempts,
    useFactory: (counter: AttemptCounter, { registrationLimit }: ServerSettings) =>
      new CountedRegistrations(counter, registrationLimit),
    inject: [AttemptCounter, ServerSettings],
  },
  {
    provide: ClientConfigurationEndpoint,
    useFactory: (
      { issuer, policy }: ServerSettings,
      clock: Clock,
      registrations: RegistrationStore,
      secrets: Secrets,
    ) => new ClientConfigurationEndpoint({ issuer, policy, clock, registrations, secrets }),
    inject: [ServerSettings, Clock, RegistrationStore, Secrets],
  },
  {
    provide: RevocationEndpoint,
    useFactory: (
      clock: Clock,
      clients: ClientAuthentication,
      authorizations: AuthorizationStore,
      accessTokens: AccessTokenReader,
    ) => new RevocationEndpoint({ clock, clients, authorizations, accessTokens }),
    inject: [Clock, ClientAuthentication, AuthorizationStore, AccessTokenReader],
  },
  {
    provide: IntrospectionEndpoint,
    useFactory: (
      { issuer, trust }: ServerSettings,
      clock: Clock,
      resources: ResourceStore,
      authorizations: AuthorizationStore,
      accessTokens: AccessTokenReader,
      secrets: Secrets,
      signer: Signer,
    ) => new IntrospectionEndpoint({ issuer, trust, clock, resources, authorizations, accessTokens, secrets, signer }),
    inject: [ServerSettings, Clock, ResourceStore, AuthorizationStore, AccessTokenReader, Secrets, Signer],
  },
  {
    provide: OwnResources,
    useFactory: ({ issuer }: ServerSettings, clock: Clock, resources: ResourceStore) =>
      new OwnResources({ issuer, clock, resources }),
    inject: [ServerSettings, Clock, ResourceStore],
  },
  {
    provide: OwnAccess,
    useFactory: (
      { trust }: ServerSettings,
      clock: Clock,
      accessTokens: AccessTokenReader,
      authorizations: AuthorizationStore,
      proofs: DpopProofs,
    ) => new OwnAccess({ clock, trust, accessTokens, authorizations, proofs }),
    inject: [ServerSettings, Clock, AccessTokenReader, AuthorizationStore, DpopProofs],
  },
  ...administrationProviders,
  ...deviceProviders,
  ...exchangeProviders,
  {
    provide: PublishedMetadata,
    useFactory: ({ issuer, trust, policy, secondFactor }: ServerSettings, resources: ResourceStore) =>
      new PublishedMetadata({ issuer, trust, policy, levels: attainableLevels(secondFactor) }, resources),
    inject: [ServerSettings, ResourceStore],
  },
];
