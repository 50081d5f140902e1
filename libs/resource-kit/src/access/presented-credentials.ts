import type { PresentedCredentials } from '@gatehouse/token-validation';
import type { FastifyRequest } from 'fastify';

/** The raw header lines: Node keeps the first of two Authorization headers, joins two DPoP ones, and would hide the second. */
export function presentedCredentials(request: FastifyRequest): PresentedCredentials {
  const { rawHeaders, headers, url = '', method = '' } = request.raw;
  const linesOf = (header: string): readonly string[] =>
    rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === header);
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers['content-type'] ?? '');
  return {
    authorization: linesOf('authorization'),
    proofs: linesOf('dpop'),
    method,
    query,
    ...(isForm && Buffer.isBuffer(request.body) ? { form: request.body.toString('latin1') } : {}),
  };
}
