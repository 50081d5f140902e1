import { type RequestProblem } from '@gatehouse/platform';
import { type MemberProblem, OAuthError, type RefusalReason } from '@gatehouse/protocol';
import { HttpException } from '@nestjs/common';
import type { RouteTraits } from './route.js';

/** What is answered: status and fixed sentence, with the code of the wire and our reason. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly description: string;
  /** Absent when the address or method is unknown: no endpoint refused anything. */
  readonly reason?: RefusalReason;
  readonly retryAfter?: number;
  readonly allow?: readonly string[];
  readonly problems?: readonly MemberProblem[];
  /** For the log. */
  readonly cause?: unknown;
}

/**
 * Whatever a route threw, as a refusal. Only an OAuthError chose its words; of everything else not a letter goes out:
 * messages of frameworks and drivers repeat input, table names and addresses.
 */
export function refusalOf(exception: unknown): Refusal {
  if (exception instanceof OAuthError) {
    const { status, code, description, reason, retryAfter, problems, cause } = exception;
    const more = { ...(retryAfter === undefined ? {} : { retryAfter }), ...(problems ? { problems } : {}) };
    return { status, code, description, reason, ...more, cause };
  }
  const status = exception instanceof HttpException ? exception.getStatus() : 500;
  if (status === 404) return NOT_FOUND;
  if (status >= 400 && status < 500) return refusalOf(new OAuthError('invalid_request', 'malformed_request'));
  return refusalOf(new OAuthError('server_error', 'unexpected', { cause: exception }));
}

/** One that a redirect takes to the client: nobody sees a status of it. */
export function refusalByRedirect({ code, reason }: Pick<OAuthError, 'code' | 'reason'>): Refusal {
  return { ...refusalOf(new OAuthError(code, reason)), status: 303 };
}

const NOT_FOUND: Refusal = { status: 404, code: 'not_found', description: 'There is nothing at this address.' };

/** Reasons of what was refused before a route ran. */
const PROBLEMS = {
  malformed: 'malformed_request',
  timeout: 'malformed_request',
  too_large: 'oversized_request',
  uri_too_long: 'oversized_request',
  headers_too_large: 'oversized_request',
  unsupported_media_type: 'wrong_content_type',
  not_encrypted: 'malformed_request',
} as const;

/** `allow`: methods that the path knows; empty for an unknown path. */
export function refusalOfProblem(
  { kind, statusCode }: RequestProblem,
  channel: RouteTraits['channel'],
  allow: readonly string[],
): Refusal {
  if (kind === 'not_found') {
    if (allow.length === 0) return NOT_FOUND;
    return { status: 405, code: 'invalid_request', description: 'The method is not allowed here.', allow };
  }
  // OAuth endpoints answer a bad request with 400, whatever HTTP has to offer. @spec OAuth 2.1 §3.2.4
  const status = kind === 'unsupported_media_type' && channel === 'json' ? 400 : statusCode;
  return refusalOf(new OAuthError('invalid_request', PROBLEMS[kind], { status }));
}
