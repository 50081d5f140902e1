import { AuditLog } from '@gatehouse/audit';
import { KeyVault } from '@gatehouse/authorization-server';
import {
  AccountFactors,
  AccountStore,
  AttemptCounter,
  Enrolments,
  FactorStore,
  KnownBrowsers,
  PasskeyCeremonies,
  PendingSignInStore,
  RecoveryCodes,
  SecondStep,
  SessionStart,
  SessionStore,
} from '@gatehouse/identity';
import { WebauthnCeremonies } from '@gatehouse/passkeys';
import { Clock } from '@gatehouse/protocol';
import type { Provider } from '@nestjs/common';
import { ServerSettings } from './server-settings.js';

export const secondFactorProviders: Provider[] = [
  {
    provide: RecoveryCodes,
    useFactory: (vault: KeyVault) => new RecoveryCodes(vault.derive('recovery-code')),
    inject: [KeyVault],
  },
  {
    provide: Enrolments,
    useFactory: ({ issuer }: ServerSettings, vault: KeyVault, clock: Clock) => new Enrolments({ issuer, vault, clock }),
    inject: [ServerSettings, KeyVault, Clock],
  },
  {
    provide: PasskeyCeremonies,
    useFactory: ({ issuer }: ServerSettings) => new WebauthnCeremonies(issuer),
    inject: [ServerSettings],
  },
  {
    provide: SessionStart,
    useFactory: (sessions: SessionStore, browsers: KnownBrowsers, clock: Clock, { signInPolicy }: ServerSettings) =>
      new SessionStart({ sessions, browsers, clock, policy: signInPolicy }),
    inject: [SessionStore, KnownBrowsers, Clock, ServerSettings],
  },
  {
    provide: SecondStep,
    useFactory: (
      { secondFactor: rule }: ServerSettings,
      accounts: AccountStore,
      factors: FactorStore,
      pending: PendingSignInStore,
      attempts: AttemptCounter,
      browsers: KnownBrowsers,
      enrolments: Enrolments,
      recoveryCodes: RecoveryCodes,
      passkeys: PasskeyCeremonies,
      sessionStart: SessionStart,
      audit: AuditLog,
      clock: Clock,
    ) =>
      new SecondStep({
        rule,
        accounts,
        factors,
        pending,
        attempts,
        browsers,
        enrolments,
        recoveryCodes,
        passkeys,
        sessionStart,
        audit,
        clock,
      }),
    inject: [
      ServerSettings,
      AccountStore,
      FactorStore,
      PendingSignInStore,
      AttemptCounter,
      KnownBrowsers,
      Enrolments,
      RecoveryCodes,
      PasskeyCeremonies,
      SessionStart,
      AuditLog,
      Clock,
    ],
  },
  {
    provide: AccountFactors,
    useFactory: (
      { secondFactor: rule }: ServerSettings,
      accounts: AccountStore,
      factors: FactorStore,
      enrolments: Enrolments,
      recoveryCodes: RecoveryCodes,
      passkeys: PasskeyCeremonies,
      attempts: AttemptCounter,
      vault: KeyVault,
      clock: Clock,
    ) => new AccountFactors({ rule, accounts, factors, enrolments, recoveryCodes, passkeys, attempts, vault, clock }),
    inject: [
      ServerSettings,
      AccountStore,
      FactorStore,
      Enrolments,
      RecoveryCodes,
      PasskeyCeremonies,
      AttemptCounter,
      KeyVault,
      Clock,
    ],
  },
];
