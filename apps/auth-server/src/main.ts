import 'reflect-metadata';
import {
  AesGcmKeyVault,
  ClientKeySource,
  MetadataDocumentSource,
  OwnResources,
  SigningKeyRotation,
} from '@gatehouse/authorization-server';
import { GuardedClientKeySource, GuardedDocumentSource, GuardedFetch } from '@gatehouse/guarded-fetch';
import { Connectors } from '@gatehouse/identity';
import { readKeyEncryptionKeys } from '@gatehouse/key-file';
import { Argon2PasswordHasher } from '@gatehouse/password-hashing';
import { DatabaseClock, PgUsedAssertionStore, openDatabase } from '@gatehouse/persistence';
import {
  EventLogger,
  Health,
  Metrics,
  type RunningProcess,
  listenForMetrics,
  loadTls,
  runProcess,
} from '@gatehouse/platform';
import { persistenceProviders } from '@gatehouse/server-kit';
import { createAuthServer } from './auth-server.js';
import { readConfig } from './config.js';
import { connectorsFor } from './sso/connectors.js';

/** Opens what the server needs, in the order in which it is closed again backwards. */
async function start(): Promise<RunningProcess> {
  const config = readConfig();
  const logger = new EventLogger({ app: 'auth-server', level: config.LOG_LEVEL });
  const vault = new AesGcmKeyVault(readKeyEncryptionKeys(config.KEY_ENCRYPTION_KEY_FILE));
  const hasher = new Argon2PasswordHasher();
  await hasher.prepare();
  const database = await openDatabase({
    url: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: 'gatehouse-auth-server',
    onConnectionLost: (error) => {
      logger.warning('database.connection_lost', {}, error);
    },
  });
  const clock = await DatabaseClock.start(database);
  const metrics = new Metrics({ processMetrics: true });
  const health = new Health().add('database', () => database.ping());
  const fetch = new GuardedFetch({
    clock,
    ...(config.CLIENT_DOCUMENTS_FROM_LOOPBACK ? { loopbackFor: config.ISSUER } : {}),
  });
  const server = await createAuthServer(config, {
    logger,
    metrics,
    health,
    vault,
    hasher,
    stores: [
      ...persistenceProviders(database),
      { provide: Connectors, useValue: connectorsFor(config, clock, new PgUsedAssertionStore(database)) },
      { provide: ClientKeySource, useValue: new GuardedClientKeySource(fetch) },
      { provide: MetadataDocumentSource, useValue: new GuardedDocumentSource(fetch) },
    ],
    clock,
  });
  // The very first start: until the worker has published a key, nothing could be signed. Safe over replicas.
  await server.app.get(SigningKeyRotation).ensureKey();
  await server.app.get(OwnResources).publish();
  const listener =
    config.METRICS_PORT === undefined
      ? undefined
      : await listenForMetrics({
          host: config.HOST,
          port: config.METRICS_PORT,
          metrics,
          health,
          logger,
          tls: loadTls({ tlsCertFile: config.TLS_CERT_FILE, tlsKeyFile: config.TLS_KEY_FILE }),
        });
  await server.listen({ host: config.HOST, port: config.PORT });
  return {
    logger,
    leave: () => health.leave(config.SHUTDOWN_DELAY),
    async close() {
      health.stop();
      await server.close();
      await listener?.close();
      clock.stop();
      await database.close();
    },
  };
}

await runProcess(start);
