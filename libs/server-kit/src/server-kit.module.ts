import {
  KeyRing,
  type KeyRingProblem,
  KeyVault,
  SigningKeyRotation,
  SigningKeyStore,
} from '@gatehouse/authorization-server';
import { PasswordHasher } from '@gatehouse/identity';
import { EventLogger, Health, Metrics } from '@gatehouse/platform';
import { Clock, SystemClock } from '@gatehouse/protocol';
import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { ClosedGuard } from './access/closed.guard.js';
import { OwnAccessGuard } from './access/own-access.guard.js';
import { coreProviders } from './core.providers.js';
import { Cookies } from './http/cookies.js';
import { RefusalFilter } from './http/refusal.filter.js';
import { RefusalRecord } from './http/refusal-record.js';
import { RefusalResponder } from './http/refusal-responder.js';
import { identityProviders } from './identity.providers.js';
import { FailureLimit } from './rate-limits/failure-limit.js';
import { RateLimitGuard } from './rate-limits/rate-limit.guard.js';
import { RateLimits } from './rate-limits/rate-limits.js';
import { SuccessLimit } from './rate-limits/success-limit.js';
import { secondFactorProviders } from './second-factor.providers.js';
import { ServerSettings } from './server-settings.js';
import { InteractionFormGuard } from './visitors/interaction-form.guard.js';
import { Visitors } from './visitors/visitors.js';

/** What an app brings along: its configuration, the process around it, and the adapters of the ports. */
export interface ServerKitParts {
  readonly settings: ServerSettings;
  readonly limits: RateLimits;
  readonly record: RefusalRecord;
  readonly responder: RefusalResponder;
  readonly logger: EventLogger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly vault: KeyVault;
  readonly hasher: PasswordHasher;
  /** `persistenceProviders(database)`, or the memory stores of a spec. */
  readonly stores: readonly Provider[];
  readonly clock?: Clock;
}

/** The authorization server without its controllers: cores, guards and filter. Global, for there is one of it. */
@Global()
@Module({})
export class ServerKitModule {
  static register(parts: ServerKitParts): DynamicModule {
    const providers: Provider[] = [
      { provide: ServerSettings, useValue: parts.settings },
      { provide: RateLimits, useValue: parts.limits },
      { provide: RefusalRecord, useValue: parts.record },
      { provide: RefusalResponder, useValue: parts.responder },
      { provide: EventLogger, useValue: parts.logger },
      { provide: Metrics, useValue: parts.metrics },
      { provide: Health, useValue: parts.health },
      { provide: KeyVault, useValue: parts.vault },
      { provide: PasswordHasher, useValue: parts.hasher },
      { provide: Clock, useValue: parts.clock ?? new SystemClock() },
      { provide: Cookies, useValue: new Cookies(parts.settings.issuer) },
      ...parts.stores,
      ...keyProviders,
      ...identityProviders,
      ...secondFactorProviders,
      ...coreProviders,
      FailureLimit,
      SuccessLimit,
      Visitors,
      InteractionFormGuard,
    ];
    return {
      module: ServerKitModule,
      imports: [JwtModule.register({})],
      providers: [
        ...providers,
        { provide: APP_FILTER, useClass: RefusalFilter },
        { provide: APP_GUARD, useClass: RateLimitGuard },
        { provide: APP_GUARD, useClass: OwnAccessGuard },
        // Last: whoever was let in by none of those before is not let in.
        { provide: APP_GUARD, useClass: ClosedGuard },
      ],
      exports: providers,
    };
  }
}

const keyProviders: Provider[] = [
  {
    provide: KeyRing,
    useFactory: (store: SigningKeyStore, vault: KeyVault, clock: Clock, logger: EventLogger) =>
      new KeyRing({
        store,
        vault,
        clock,
        report: (problem) => {
          reportKeyProblem(logger, problem);
        },
      }),
    inject: [SigningKeyStore, KeyVault, Clock, EventLogger],
  },
  {
    provide: SigningKeyRotation,
    useFactory: (store: SigningKeyStore, vault: KeyVault, clock: Clock, { keyPolicy }: ServerSettings) =>
      new SigningKeyRotation({ store, vault, clock, policy: keyPolicy }),
    inject: [SigningKeyStore, KeyVault, Clock, ServerSettings],
  },
];

function reportKeyProblem(logger: EventLogger, problem: KeyRingProblem): void {
  const keyId = problem.kind === 'key_not_opened' ? problem.keyId : undefined;
  logger.failure(`keys.${problem.kind}`, problem.cause, { keyId });
}
