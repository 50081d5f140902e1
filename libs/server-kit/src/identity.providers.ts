import { AuditLog } from '@gatehouse/audit';
import { KeyVault } from '@gatehouse/authorization-server';
import {
  AccountStore,
  AttemptCounter,
  KnownBrowsers,
  PasswordHasher,
  SessionStore,
  Sessions,
  SignIn,
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
    ) => new SignIn({ accounts, sessions, attempts, hasher, audit, browsers, clock, policy: signInPolicy }),
    inject: [
      AccountStore,
      SessionStore,
      AttemptCounter,
      PasswordHasher,
      AuditLog,
      KnownBrowsers,
      Clock,
      ServerSettings,
    ],
  },
];
