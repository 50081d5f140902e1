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
  ClientKeys,
  ClientKeySource,
  ClientStore,
  ConsentStore,
  EntitlementStore,
  InteractionStore,
  IntrospectionEndpoint,
  KeyRing,
  KeyVault,
  RefreshTokenGrant,
  RegistrationEndpoint,
  ResourceStore,
  RevocationEndpoint,
  Secrets,
  Signer,
  TokenEndpoint,
} from '@gatehouse/authorization-server';
import { Clock } from '@gatehouse/protocol';
import type { Provider } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { PublishedMetadata } from './metadata/published-metadata.js';
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
    provide: ClientAuthentication,
    useFactory: (clients: ClientStore, clock: Clock, secrets: Secrets, assertions: ClientAssertions) =>
      new ClientAuthentication({ clients, clock, secrets, assertions }),
    inject: [ClientStore, Clock, Secrets, ClientAssertions],
  },
  {
    provide: AuthorizationCodeGrant,
    useFactory: ({ policy }: ServerSettings, codes: AuthorizationCodeStore, authorizations: AuthorizationStore) =>
      new AuthorizationCodeGrant({ policy, codes, authorizations }),
    inject: [ServerSettings, AuthorizationCodeStore, AuthorizationStore],
  },
  {
    provide: RefreshTokenGrant,
    useFactory: ({ policy }: ServerSettings, authorizations: AuthorizationStore, vault: KeyVault) =>
      new RefreshTokenGrant({ policy, authorizations, vault }),
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
      clock: Clock,
      clients: ClientAuthentication,
      accessTokens: AccessTokenIssuer,
      code: AuthorizationCodeGrant,
      refresh: RefreshTokenGrant,
      clientCredentials: ClientCredentialsGrant,
    ) => new TokenEndpoint({ clock, clients, accessTokens, grants: [code, refresh, clientCredentials] }),
    inject: [
      Clock,
      ClientAuthentication,
      AccessTokenIssuer,
      AuthorizationCodeGrant,
      RefreshTokenGrant,
      ClientCredentialsGrant,
    ],
  },
  {
    provide: AuthorizationEndpoint,
    useFactory: (
      { issuer, policy, defaultResource }: ServerSettings,
      clock: Clock,
      clients: ClientStore,
      resources: ResourceStore,
      interactions: InteractionStore,
      consents: ConsentStore,
      entitlements: EntitlementStore,
    ) =>
      new AuthorizationEndpoint({
        issuer,
        policy,
        clock,
        clients,
        resources,
        interactions,
        consents,
        entitlements,
        ...(defaultResource === undefined ? {} : { defaultResource }),
      }),
    inject: [ServerSettings, Clock, ClientStore, ResourceStore, InteractionStore, ConsentStore, EntitlementStore],
  },
  {
    provide: RegistrationEndpoint,
    useFactory: ({ policy }: ServerSettings, clock: Clock, clients: ClientStore, secrets: Secrets) =>
      new RegistrationEndpoint({ policy, clock, clients, secrets }),
    inject: [ServerSettings, Clock, ClientStore, Secrets],
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
      clock: Clock,
      resources: ResourceStore,
      authorizations: AuthorizationStore,
      accessTokens: AccessTokenReader,
      secrets: Secrets,
    ) => new IntrospectionEndpoint({ clock, resources, authorizations, accessTokens, secrets }),
    inject: [Clock, ResourceStore, AuthorizationStore, AccessTokenReader, Secrets],
  },
  {
    provide: PublishedMetadata,
    useFactory: ({ issuer }: ServerSettings, resources: ResourceStore) => new PublishedMetadata(issuer, resources),
    inject: [ServerSettings, ResourceStore],
  },
];
