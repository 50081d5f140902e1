/** A resource server as a process: from its configuration to something that listens and can be stopped. */
import {
  createHttpServer,
  EventLogger,
  Health,
  listenForMetrics,
  loadTls,
  Metrics,
  readSecretFile,
  type RunningProcess,
} from '@gatehouse/platform';
import { hkdfSync } from 'node:crypto';
import type { DynamicModule } from '@nestjs/common';
import { answerProblem } from '../refusals/answer-problem.js';
import type { ResourceServerCredentials } from '../issuer/http-token-liveness.js';
import type { ResourceServerOptions } from '../resource-server.module.js';
import type { Resource } from '../resource/resource.js';
import type { ResourceServerConfig } from './settings.js';

export interface ResourceServerApp {
  /** In logs. */
  readonly name: string;
  readonly resources: readonly Resource[];
  /** The app's module, which imports ResourceServerModule.forRoot(options). */
  readonly module: (options: ResourceServerOptions) => DynamicModule;
}

/** @throws ConfigurationError, or whatever keeps it from listening */
export async function startResourceServer(
  app: ResourceServerApp,
  config: ResourceServerConfig,
): Promise<RunningProcess & { readonly port: number }> {
  const logger = new EventLogger({ app: app.name, level: config.LOG_LEVEL });
  const metrics = new Metrics({ processMetrics: true });
  const health = new Health();
  const { HOST: host, PUBLIC_URL: publicUrl, METRICS_PORT: metricsPort } = config;
  const credentials = credentialsOf(config);
  const module = app.module({
    issuer: config.ISSUER,
    publicUrl,
    resources: app.resources,
    allowedOrigins: config.ALLOWED_ORIGINS ?? [],
    credentials,
    dpop: {
      required: config.DPOP_REQUIRED,
      nonceKeys: config.DPOP_NONCES && credentials ? [nonceKey(credentials.secret)] : [],
    },
    livenessSeconds: config.LIVENESS_SECONDS,
    toolCallLimit: config.TOOL_CALL_LIMIT,
    logger,
    metrics,
    health,
  });
  const tls = loadTls({ tlsCertFile: config.TLS_CERT_FILE, tlsKeyFile: config.TLS_KEY_FILE });
  const server = await createHttpServer(module, {
    logger,
    publicUrl,
    answerProblem,
    tls,
    trustedProxies: config.TRUSTED_PROXIES,
    metrics,
  });
  const port = await server.listen({ host, port: config.PORT });
  const listener =
    metricsPort === undefined
      ? undefined
      : await listenForMetrics({ host, port: metricsPort, metrics, health, logger, tls });
  return {
    logger,
    port,
    leave: () => health.leave(config.SHUTDOWN_DELAY),
    async close() {
      health.stop();
      await server.close();
      await listener?.close();
    },
  };
}

function credentialsOf(config: ResourceServerConfig): ResourceServerCredentials | undefined {
  const { RESOURCE_SERVER_ID: id, RESOURCE_SERVER_SECRET_FILE: file } = config;
  if (id === undefined || file === undefined) return undefined;
  return { id, secret: readSecretFile('RESOURCE_SERVER_SECRET_FILE', file) };
}

/** The same in all replicas, for they have the same secret; and of no use to anybody who learns a nonce. */
function nonceKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'gatehouse resource server dpop nonce', 32));
}
