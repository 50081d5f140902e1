import { DEFAULT_SIGN_IN_POLICY, type PasswordHasher } from '@gatehouse/identity';
import { DpopProofs, type KeyVault, keyPolicy, ownResources } from '@gatehouse/authorization-server';
import { authorizationServerMetadataUrls, originOf, pathOf, protectedResourceMetadataUrl } from '@gatehouse/metadata';
import {
  type EventLogger,
  type Health,
  type HttpServer,
  type Metrics,
  createHttpServer,
  loadTls,
} from '@gatehouse/platform';
import type { Clock } from '@gatehouse/protocol';
import {
  RefusalLog,
  RefusalResponder,
  RouteTable,
  type ServerSettings,
  answerCrossOrigin,
  answerProblems,
  tellNextNonce,
} from '@gatehouse/server-kit';
import type { Provider } from '@nestjs/common';
import { AppModule } from './app.module.js';
import { type Config, clientTrustOf, serverPolicyOf } from './config.js';
import { ENDPOINTS } from './endpoints.js';
import { HtmlErrorPage } from './pages/error.page.js';
import { ServerRateLimits } from './rate-limits.js';

/** The process around the server, and the adapters of its ports. Specs bring memory stores. */
export interface Surroundings {
  readonly logger: EventLogger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly vault: KeyVault;
  readonly hasher: PasswordHasher;
  readonly stores: readonly Provider[];
  readonly clock?: Clock;
}

/** The whole server, ready to listen. Every URL it hands out is the configured issuer with a path. */
export async function createAuthServer(config: Config, around: Surroundings): Promise<HttpServer> {
  const routes = new RouteTable();
  const record = new RefusalLog(around.logger, around.metrics, ENDPOINTS);
  const responder = new RefusalResponder(new HtmlErrorPage(), config.ISSUER);
  const server = await createHttpServer(
    AppModule.with({
      settings: settingsOf(config),
      limits: new ServerRateLimits(config),
      record,
      responder,
      ...around,
    }),
    {
      logger: around.logger,
      metrics: around.metrics,
      publicUrl: config.ISSUER,
      answerProblem: answerProblems(routes, record, responder),
      tls: loadTls({ tlsCertFile: config.TLS_CERT_FILE, tlsKeyFile: config.TLS_KEY_FILE }),
      trustedProxies: config.TRUSTED_PROXIES,
    },
  );
  const fastify = server.app.getHttpAdapter().getInstance();
  routes.watch(fastify);
  answerCrossOrigin(fastify);
  tellNextNonce(fastify, server.app.get(DpopProofs));
  const prefix = pathOf(config.ISSUER);
  if (prefix !== '') server.app.setGlobalPrefix(prefix, { exclude: wellKnownPaths(config.ISSUER) });
  return server;
}

/** They lie outside the issuer's path, or are written with it already. @spec RFC 8414 §3.1; RFC 9728 §3.1 */
function wellKnownPaths(issuer: string): string[] {
  return [
    ...authorizationServerMetadataUrls(issuer),
    ...ownResources(issuer).map(({ identifier }) => protectedResourceMetadataUrl(identifier)),
  ].map((url) => url.slice(originOf(issuer).length));
}

function settingsOf(config: Config): ServerSettings {
  return {
    issuer: config.ISSUER,
    policy: serverPolicyOf(config),
    trust: clientTrustOf(config),
    keyPolicy: keyPolicy(),
    secondFactor: config.LOCAL_SECOND_FACTOR,
    signInPolicy: {
      ...DEFAULT_SIGN_IN_POLICY,
      perAccountAndNetwork: config.SIGN_IN_LIMIT_PER_ACCOUNT_AND_NETWORK,
      perAccount: config.SIGN_IN_LIMIT_PER_ACCOUNT,
      perNetwork: config.SIGN_IN_LIMIT_PER_NETWORK,
      localSignIn: config.LOCAL_SIGN_IN,
    },
    registrationLimit: config.REGISTRATION_LIMIT_PER_NETWORK,
    userCodeLimits: {
      perAccount: config.USER_CODE_LIMIT_PER_ACCOUNT,
      perNetwork: config.USER_CODE_LIMIT_PER_NETWORK,
    },
    ...(config.DEFAULT_RESOURCE === undefined ? {} : { defaultResource: config.DEFAULT_RESOURCE }),
  };
}
