import type { FastifyInstance, FastifyReply } from 'fastify';

/**
 * CORS for the routes that ask for it: metadata, keys, token, registration and its management, revocation. Any origin,
 * no cookies: what these routes accept is in the request itself, so the origin adds nothing. Authorization and interaction
 * pages get no header at all.
 * @spec OAuth 2.1 §3.1, §3.2
 */
const EXPOSED = 'WWW-Authenticate, DPoP-Nonce, Retry-After';
/** The official SDK sends MCP-Protocol-Version with its metadata requests. */
const ACCEPTED = 'Authorization, Content-Type, DPoP, MCP-Protocol-Version';
const PREFLIGHT_MAX_AGE = 600;

/** Before the routes are registered. */
export function answerCrossOrigin(fastify: FastifyInstance): void {
  const methods = new Map<string, Set<string>>();
  fastify.addHook('onRoute', (route) => {
    if (route.config?.crossOrigin !== true || route.method === 'OPTIONS') return;
    const known = methods.get(route.url);
    // GET and POST need no leave, but some ask for it.
    const allowed = known ?? new Set(['GET', 'POST']);
    for (const method of [route.method].flat()) if (method === 'PUT' || method === 'DELETE') allowed.add(method);
    if (known) return;
    methods.set(route.url, allowed);
    fastify.options(route.url, { config: { crossOrigin: true } }, (_request, reply) => preflight(reply, allowed));
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.crossOrigin === true)
      void reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', EXPOSED);
    done();
  });
}

function preflight(reply: FastifyReply, methods: ReadonlySet<string>): FastifyReply {
  return reply
    .header('access-control-allow-methods', [...methods].join(', '))
    .header('access-control-allow-headers', ACCEPTED)
    .header('access-control-max-age', PREFLIGHT_MAX_AGE)
    .code(204)
    .send();
}
