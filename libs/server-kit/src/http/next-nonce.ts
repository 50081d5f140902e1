import type { DpopProofs } from '@gatehouse/authorization-server';
import type { FastifyInstance } from 'fastify';

/**
 * Whoever brings a DPoP proof is told the nonce for the next one, whatever the answer is: a refusal for its lack and a
 * success alike. A client that keeps it is refused once in its life, not once in every lifetime of a nonce.
 * Before the routes are registered.
 * @spec RFC 9449 §8, §8.2
 */
export function tellNextNonce(fastify: FastifyInstance, proofs: Pick<DpopProofs, 'nextNonce'>): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { takesProofs, protectedBy } = request.routeOptions.config;
    if ((takesProofs === true || protectedBy) && request.headers['dpop'] !== undefined) {
      const nonce = proofs.nextNonce();
      if (nonce !== undefined) void reply.header('dpop-nonce', nonce);
    }
    done();
  });
}
