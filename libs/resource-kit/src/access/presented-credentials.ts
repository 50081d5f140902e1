import type { PresentedCredentials } from '@gatehouse/token-validation';
import type { FastifyRequest } from 'fastify';

/** The raw header lines: Node keeps the first of two Authorization headers and would hide the second. */
export function presentedCredentials(request: FastifyRequest): PresentedCredentials {
  const { rawHeaders, headers, url = '' } = request.raw;
  const authorization = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'authorization',
  );
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers['content-type'] ?? '');
  return {
    authorization,
    query,
    ...(isForm && Buffer.isBuffer(request.body) ? { form: request.body.toString('latin1') } : {}),
  };
}
