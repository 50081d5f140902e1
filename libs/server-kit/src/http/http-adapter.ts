import { randomUUID } from 'node:crypto';
import type { TlsFiles } from '@gatehouse/platform';
import { OAuthError } from '@gatehouse/protocol';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { answerCrossOrigin } from './cross-origin.js';
import { BODY_LIMIT, parseBodies } from './request-body.js';
import type { RouteTable } from './route-table.js';

export interface HttpOptions {
  readonly tls?: TlsFiles | undefined;
  /** Addresses whose X-Forwarded-For is believed. They change `request.ip`, and nothing else here reads such headers. */
  readonly trustedProxies?: readonly string[] | undefined;
}

/** Fastify as this server wants it. URLs are built from configuration only: `Host` and `X-Forwarded-*` have no say. */
export function httpAdapter(routes: RouteTable, { tls, trustedProxies = [] }: HttpOptions = {}): FastifyAdapter {
  const adapter = new FastifyAdapter({
    logger: false,
    bodyLimit: BODY_LIMIT,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    // Ours alone: an id from outside would end in the log.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) => {
      answerUnroutable(reply);
    },
    ...(tls ? { https: { cert: tls.cert, key: tls.key, minVersion: tls.minVersion } } : {}),
  });
  const fastify = adapter.getInstance();
  routes.watch(fastify);
  parseBodies(fastify);
  answerCrossOrigin(fastify);
  return adapter;
}

/** A path that cannot be decoded, or with a segment longer than any of ours: there is no route, so no channel either. */
function answerUnroutable(reply: FastifyReply): void {
  const { code, description, status } = new OAuthError('invalid_request', 'malformed_request');
  void reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/json')
    .send({ error: code, error_description: description });
}
