import {
  AccessTokenIssuer,
  AccessTokenKeys,
  AccessTokenReader,
  AuthorizationCodeGrant,
  AuthorizationCodeStore,
  AuthorizationEndpoint,
  AuthorizationStore,
  ClientAuthentication,
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
  {
    provide: ClientAuthentication,
    useFactory: (clients: ClientStore, clock: Clock) => new ClientAuthentication({ clients, clock }),
    inject: [ClientStore, Clock],
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
    provide: TokenEndpoint,
    useFactory: (
      clock: Clock,
      clients: ClientAuthentication,
      accessTokens: AccessTokenIssuer,
      code: AuthorizationCodeGrant,
      refresh: RefreshTokenGrant,
    ) => new TokenEndpoint({ clock, clients, accessTokens, grants: [code, refresh] }),
    inject: [Clock, ClientAuthentication, AccessTokenIssuer, AuthorizationCodeGrant, RefreshTokenGrant],
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
    useFactory: ({ policy }: ServerSettings, clock: Clock, clients: ClientStore) =>
      new RegistrationEndpoint({ policy, clock, clients }),
    inject: [ServerSettings, Clock, ClientStore],
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
    ) => new IntrospectionEndpoint({ clock, resources, authorizations, accessTokens }),
    inject: [Clock, ResourceStore, AuthorizationStore, AccessTokenReader],
  },
  {
    provide: PublishedMetadata,
    useFactory: ({ issuer }: ServerSettings, resources: ResourceStore) => new PublishedMetadata(issuer, resources),
    inject: [ServerSettings, ResourceStore],
  },
];
