import { AuditLog } from '@gatehouse/audit';
import { ExpiredRecords, LogoutDeliveries, SigningKeyRotation } from '@gatehouse/authorization-server';
import { JobsModule, type Schedule } from '@gatehouse/jobs';
import { EventLogger, Metrics } from '@gatehouse/platform';
import { Clock } from '@gatehouse/protocol';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CleanUpExpiredProcessor } from './cleanup/clean-up-expired.processor.js';
import { ExpiredRecordCleanup } from './cleanup/expired-record-cleanup.js';
import { type Config, queueUrlOf } from './config.js';
import { RotateSigningKeysProcessor } from './keys/rotate-signing-keys.processor.js';
import { DeliverLogoutsProcessor } from './logout/deliver-logouts.processor.js';

/** How late a step of a key's life may be. Asking costs two statements. */
const ROTATION_CHECK_MS = 300_000;
/** Share of the interval a clean-up may take; a minute at most, for a stop waits no longer than a batch anyway. */
const CLEANUP_SHARE = 0.5;
const CLEANUP_PAUSE_MS = 50;
/** How long a client may not know yet that a session has ended. Asking costs one statement. */
const LOGOUT_CHECK_MS = 5_000;

export interface WorkerParts {
  readonly config: Config;
  readonly logger: EventLogger;
  readonly metrics: Metrics;
  readonly rotation: SigningKeyRotation;
  readonly deliveries: LogoutDeliveries;
  readonly clock: Clock;
  /** ExpiredRecords and AuditLog */
  readonly stores: readonly Provider[];
}

@Module({})
export class WorkerModule {
  static with({ config, logger, metrics, rotation, deliveries, clock, stores }: WorkerParts): DynamicModule {
    return {
      module: WorkerModule,
      imports: [JobsModule.forRoot({ queueUrl: queueUrlOf(config), schedules: schedulesOf(config), logger, metrics })],
      providers: [
        ...stores,
        { provide: Clock, useValue: clock },
        { provide: EventLogger, useValue: logger },
        { provide: Metrics, useValue: metrics },
        { provide: SigningKeyRotation, useValue: rotation },
        { provide: LogoutDeliveries, useValue: deliveries },
        {
          provide: ExpiredRecordCleanup,
          useFactory: (records: ExpiredRecords, audit: AuditLog, clock: Clock) =>
            new ExpiredRecordCleanup(records, audit, clock, {
              batch: config.CLEANUP_BATCH,
              budget: Math.min(60, config.CLEANUP_INTERVAL * CLEANUP_SHARE),
              pauseMs: CLEANUP_PAUSE_MS,
              retention: { audit_events: config.AUDIT_RETENTION },
            }),
          inject: [ExpiredRecords, AuditLog, Clock],
        },
        RotateSigningKeysProcessor,
        CleanUpExpiredProcessor,
        DeliverLogoutsProcessor,
      ],
    };
  }
}

export function schedulesOf(config: Pick<Config, 'CLEANUP_INTERVAL'>): readonly Schedule[] {
  return [
    { job: 'rotate-signing-keys', everyMs: ROTATION_CHECK_MS },
    { job: 'clean-up-expired', everyMs: config.CLEANUP_INTERVAL * 1000 },
    { job: 'deliver-logouts', everyMs: LOGOUT_CHECK_MS },
  ];
}
