import { AuditLog } from '@gatehouse/audit';
import { AccountStore, AttemptCounter, PasswordHasher, SessionStore, Sessions, SignIn } from '@gatehouse/identity';
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
    provide: SignIn,
    useFactory: (
      accounts: AccountStore,
      sessions: SessionStore,
      attempts: AttemptCounter,
      hasher: PasswordHasher,
      audit: AuditLog,
      clock: Clock,
      { signInPolicy }: ServerSettings,
    ) => new SignIn({ accounts, sessions, attempts, hasher, audit, clock, policy: signInPolicy }),
    inject: [AccountStore, SessionStore, AttemptCounter, PasswordHasher, AuditLog, Clock, ServerSettings],
  },
];
