import { type ClientId, OAuthError } from '@gatehouse/protocol';
import { z } from 'zod';
import { MAXIMUM_DEPTH } from '../authorizations/lineage.js';

/**
 * Who acts, and for whom before: the outermost is the one that sends the token, and the only one that access may be decided
 * by. The inner ones are history.
 * @spec RFC 8693 §4.1
 */
export interface ActorChain {
  readonly sub: ClientId;
  readonly act?: ActorChain | undefined;
}

export const actorChain: z.ZodType<ActorChain> = z.lazy(() =>
  z.object({ sub: z.string().transform((text) => text as ClientId), act: actorChain.optional() }),
);

/**
 * The chain with one more link. Nobody acts twice in it: whoever did could lead a token in a circle until nobody can tell
 * who let it in.
 * @throws OAuthError invalid_request
 */
export function extendedBy(clientId: ClientId, chain: ActorChain | undefined): ActorChain {
  const actors = actorsOf(chain);
  if (actors.includes(clientId)) throw new OAuthError('invalid_request', 'actor_chain_cyclic');
  if (actors.length >= MAXIMUM_DEPTH) throw new OAuthError('invalid_request', 'actor_chain_too_deep');
  return { sub: clientId, ...(chain ? { act: chain } : {}) };
}

function actorsOf(chain: ActorChain | undefined): readonly ClientId[] {
  return chain ? [chain.sub, ...actorsOf(chain.act)] : [];
}
