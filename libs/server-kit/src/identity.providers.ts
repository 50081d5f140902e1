import { AuditLog } from '@gatehouse/audit';
import { KeyVault } from '@gatehouse/authorization-server';
import {
  AccountStore,
  AttemptCounter,
  Connectors,
  Directories,
  ExternalIdentityStore,
  ExternalSignIn,
  IdentityProviderStore,
  KnownBrowsers,
  PasswordHasher,
  Providers,
  ProviderRegistry,
  SecondStep,
  SessionStore,
  Sessions,
  SignIn,
  SsoJourney,
  SsoLoginStore,
} from '@gatehouse/identity';
import { Clock } from '@gatehouse/protocol';
import type { Provider } from '@nestjs/common';
import { ServerSettings } from './server-settings.js';

export const identityProviders: Provider[] = [
  {
    provide: Sessions,
    useFactory: (sessions: SessionStore, clock: Clock) => new Sessions({ sessions, clock }),
    inject: [SessionStore, Clock],
  },
  {
    provide: KnownBrowsers,
    useFactory: (vault: KeyVault) => new KnownBrowsers(vault.derive('known-browser')),
    inject: [KeyVault],
  },
  {
    provide: SignIn,
    useFactory: (
      accounts: AccountStore,
      sessions: SessionStore,
      attempts: AttemptCounter,
      hasher: PasswordHasher,
      audit: AuditLog,
      browsers: KnownBrowsers,
      clock: Clock,
      { signInPolicy }: ServerSettings,
      directories: Directories,
      secondStep: SecondStep,
    ) =>
      new SignIn({
        accounts,
        sessions,
        attempts,
        hasher,
        audit,
        browsers,
        clock,
        policy: signInPolicy,
        directories,
        secondStep,
      }),
    inject: [
      AccountStore,
      SessionStore,
      AttemptCounter,
      PasswordHasher,
      AuditLog,
      KnownBrowsers,
      Clock,
      ServerSettings,
      Directories,
      SecondStep,
    ],
  },
  {
    provide: Directories,
    useFactory: (providers: Providers, connectors: Connectors, signIn: ExternalSignIn) =>
      new Directories({ providers, connectors, signIn }),
    inject: [Providers, Connectors, ExternalSignIn],
  },
  {
    provide: Providers,
    useFactory: (store: IdentityProviderStore, vault: KeyVault, clock: Clock) => new Providers({ store, vault, clock }),
    inject: [IdentityProviderStore, KeyVault, Clock],
  },
  {
    provide: ProviderRegistry,
    useFactory: (store: IdentityProviderStore, connectors: Connectors, vault: KeyVault, clock: Clock) =>
      new ProviderRegistry({ store, connectors, vault, clock }),
    inject: [IdentityProviderStore, Connectors, KeyVault, Clock],
  },
  {
    provide: ExternalSignIn,
    useFactory: (
      identities: ExternalIdentityStore,
      audit: AuditLog,
      browsers: KnownBrowsers,
      clock: Clock,
      { signInPolicy }: ServerSettings,
    ) => new ExternalSignIn({ identities, audit, browsers, clock, policy: signInPolicy }),
    inject: [ExternalIdentityStore, AuditLog, KnownBrowsers, Clock, ServerSettings],
  },
  {
    provide: SsoJourney,
    useFactory: (
      { issuer }: ServerSettings,
      providers: Providers,
      connectors: Connectors,
      logins: SsoLoginStore,
      signIn: ExternalSignIn,
      vault: KeyVault,
      clock: Clock,
    ) => new SsoJourney({ issuer, providers, connectors, logins, signIn, vault, clock }),
    inject: [ServerSettings, Providers, Connectors, SsoLoginStore, ExternalSignIn, KeyVault, Clock],
  },
];
