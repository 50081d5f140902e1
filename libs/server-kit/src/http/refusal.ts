import { OAuthError, type RefusalReason } from '@gatehouse/protocol';
import { HttpException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RouteTable } from './route-table.js';

/** What is answered: status and fixed sentence, with the code of the wire and our reason. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly description: string;
  /** Absent when the address or method is unknown: no endpoint refused anything. */
  readonly reason?: RefusalReason;
  readonly retryAfter?: number;
  readonly allow?: readonly string[];
  /** For the log. */
  readonly cause?: unknown;
}

/**
 * Whatever was thrown, as a refusal. Only an OAuthError chose its words; of everything else not a letter goes out:
 * messages of frameworks and drivers repeat input, table names and addresses.
 */
export function refusalOf(exception: unknown, request: FastifyRequest, routes: RouteTable): Refusal {
  if (exception instanceof OAuthError) return fromOAuthError(exception);
  const status = exception instanceof HttpException ? exception.getStatus() : undefined;
  if (status === 404) return notFound(request, routes);
  if (status === 413) return fromOAuthError(new OAuthError('invalid_request', 'oversized_request', { status: 413 }));
  if (status === 415) return fromOAuthError(wrongContentType(request));
  if (status !== undefined && status >= 400 && status < 500)
    return fromOAuthError(new OAuthError('invalid_request', 'malformed_request'));
  return fromOAuthError(new OAuthError('server_error', 'unexpected', { cause: exception }));
}

function fromOAuthError(error: OAuthError): Refusal {
  const { status, code, description, reason, retryAfter, cause } = error;
  return { status, code, description, reason, ...(retryAfter === undefined ? {} : { retryAfter }), cause };
}

/** OAuth answers bad requests with 400; a page may use the status that says it best. */
function wrongContentType(request: FastifyRequest): OAuthError {
  const status = request.routeOptions.config.channel === 'page' ? 415 : 400;
  return new OAuthError('invalid_request', 'wrong_content_type', { status });
}

function notFound(request: FastifyRequest, routes: RouteTable): Refusal {
  const allow = routes.allowed((request.raw.url ?? '').split('?')[0] ?? '');
  if (allow.length === 0) return { status: 404, code: 'not_found', description: 'There is nothing at this address.' };
  return { status: 405, code: 'invalid_request', description: 'The method is not allowed here.', allow };
}
