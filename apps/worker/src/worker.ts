import { setTimeout as pause } from 'node:timers/promises';
import { AuditLog } from '@gatehouse/audit';
import {
  AesGcmKeyVault,
  ExpiredRecords,
  KeyRing,
  type KeyVault,
  LogoutDeliveries,
  SigningKeyRotation,
} from '@gatehouse/authorization-server';
import { GuardedFetch, GuardedLogoutReceiver } from '@gatehouse/guarded-fetch';
import { JobQueues } from '@gatehouse/jobs';
import { readKeyEncryptionKeys } from '@gatehouse/key-file';
import {
  type Database,
  DatabaseClock,
  PgAuditLog,
  PgExpiredRecords,
  PgLogoutNoticeStore,
  PgSigningKeyStore,
  openDatabase,
} from '@gatehouse/persistence';
import { EventLogger, Health, Metrics, type RunningProcess, listenForMetrics, loadTls } from '@gatehouse/platform';
import type { Clock } from '@gatehouse/protocol';
import { JwtSigner } from '@gatehouse/server-kit';
import { NestFactory } from '@nestjs/core';
import { JwtService } from '@nestjs/jwt';
import type { DestinationStream } from 'pino';
import { type Config, keyPolicyOf } from './config.js';
import { WorkerModule } from './worker.module.js';

/** Jobs run one after another in each queue, so few connections do. */
const DATABASE_POOL_SIZE = 4;

export interface RunningWorker extends RunningProcess {
  /** Of the metrics listener, if there is one. */
  readonly metricsPort: number | undefined;
}

interface Surroundings {
  readonly config: Config;
  readonly logger: EventLogger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly clock: Clock;
  readonly vault: KeyVault;
  readonly closeDatabase: () => Promise<void>;
}

/** A worker at work. Any number may run beside each other. */
export async function startWorker(config: Config, log?: DestinationStream): Promise<RunningWorker> {
  const vault = new AesGcmKeyVault(readKeyEncryptionKeys(config.KEY_ENCRYPTION_KEY_FILE));
  const logger = new EventLogger({ app: 'worker', level: config.LOG_LEVEL, ...(log ? { destination: log } : {}) });
  const metrics = new Metrics({ processMetrics: true });
  const database = await openDatabase({
    url: config.DATABASE_URL,
    poolSize: DATABASE_POOL_SIZE,
    applicationName: 'gatehouse-worker',
    onConnectionLost: (error) => {
      logger.warning('database.connection_lost', {}, error);
    },
  });
  let clock: DatabaseClock | undefined;
  const closeDatabase = async (): Promise<void> => {
    clock?.stop();
    await database.close();
  };
  try {
    clock = await DatabaseClock.start(database);
    return await work({ config, logger, metrics, database, clock, vault, closeDatabase });
  } catch (error) {
    await closeDatabase();
    throw error;
  }
}

async function work({
  config,
  logger,
  metrics,
  database,
  clock,
  vault,
  closeDatabase,
}: Surroundings): Promise<RunningWorker> {
  const store = new PgSigningKeyStore(database);
  const rotation = new SigningKeyRotation({ store, vault, clock, policy: keyPolicyOf(config) });
  // On the very first start the servers wait for a key; later this proves that the key file is the right one. Before
  // the queues are joined: a worker with another file must not take a single job.
  await rotation.ensureKey();
  const app = await NestFactory.createApplicationContext(
    WorkerModule.with({
      config,
      logger,
      metrics,
      rotation,
      deliveries: logoutDeliveries({ config, logger, database, clock, vault }),
      clock,
      stores: [
        { provide: ExpiredRecords, useValue: new PgExpiredRecords(database) },
        { provide: AuditLog, useValue: new PgAuditLog(database) },
      ],
    }),
    { logger, abortOnError: false },
  );
  const queues = app.get(JobQueues);
  const health = new Health().add('database', () => database.ping()).add('queue', () => queues.ready());
  const { HOST: host, METRICS_PORT: port } = config;
  const tls = loadTls({ tlsCertFile: config.TLS_CERT_FILE, tlsKeyFile: config.TLS_KEY_FILE });
  const listener =
    port === undefined ? undefined : await listenForMetrics({ host, port, metrics, health, logger, tls });
  logger.event('listening', { metricsPort: listener?.port });

  return {
    logger,
    metricsPort: listener?.port,
    close: async () => {
      health.stop();
      // Jobs first: they end with their database and their queue still there.
      await app.close();
      await closeDatabase();
      await listener?.close();
    },
  };
}

/** Looked for again while answers are awaited. */
const DELIVERY_PAUSE_MS = 1_000;

function logoutDeliveries({
  config,
  logger,
  database,
  clock,
  vault,
}: Pick<Surroundings, 'config' | 'logger' | 'database' | 'clock' | 'vault'>): LogoutDeliveries {
  const keys = new KeyRing({
    store: new PgSigningKeyStore(database),
    vault,
    clock,
    report: ({ kind, cause }) => {
      logger.failure(`keys.${kind}`, cause);
    },
  });
  const fetch = new GuardedFetch({ clock, ...(config.LOGOUT_TO_LOOPBACK ? { loopbackFor: config.ISSUER } : {}) });
  return new LogoutDeliveries({
    issuer: config.ISSUER,
    clock,
    signer: new JwtSigner(new JwtService(), keys),
    notices: new PgLogoutNoticeStore(database),
    receiver: new GuardedLogoutReceiver(fetch),
    pause: () => pause(DELIVERY_PAUSE_MS),
  });
}
