import { assertionSubject } from '@gatehouse/authorization-server';
import { parseBasic } from '@gatehouse/protocol';
import type { FastifyRequest } from 'fastify';
import { formParameters } from '../http/request-body.js';

/** Who the caller says it is; unreadable credentials share one bucket. */
export function claimedClient(request: FastifyRequest): string {
  const { clientId } = (request.params ?? {}) as { readonly clientId?: string };
  if (clientId !== undefined) return clientId;
  try {
    const basic = parseBasic(request.headers.authorization);
    if (basic) return basic.id;
    const parameters = formParameters(request);
    const assertion = parameters.get('client_assertion');
    return parameters.get('client_id') ?? (assertion && assertionSubject(assertion)) ?? '';
  } catch {
    return '';
  }
}
