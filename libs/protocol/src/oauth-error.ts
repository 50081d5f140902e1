import type { RefusalReason } from './refusal-reason.js';

/** Error codes of the wire: HTTP status when answered directly, fixed sentence, defining section. */
const CODES = {
  invalid_request: { status: 400, text: 'The request is malformed.', spec: 'OAuth 2.1 §3.2.4' },
  invalid_client: { status: 401, text: 'Client authentication failed.', spec: 'OAuth 2.1 §3.2.4' },
  invalid_grant: { status: 400, text: 'The grant is invalid, expired or revoked.', spec: 'OAuth 2.1 §3.2.4' },
  unauthorized_client: { status: 400, text: 'The client may not use this grant.', spec: 'OAuth 2.1 §3.2.4' },
  unsupported_grant_type: { status: 400, text: 'This grant type is not supported.', spec: 'OAuth 2.1 §3.2.4' },
  unsupported_response_type: { status: 400, text: 'This response type is not supported.', spec: 'OAuth 2.1 §4.1.2.1' },
  invalid_scope: { status: 400, text: 'The scope is unknown, malformed or too wide.', spec: 'OAuth 2.1 §3.2.4' },
  invalid_target: { status: 400, text: 'The resource is unknown, malformed or not granted.', spec: 'RFC 8707 §2' },
  access_denied: { status: 403, text: 'The request was denied.', spec: 'OAuth 2.1 §4.1.2.1' },
  invalid_redirect_uri: { status: 400, text: 'A redirect URI is not acceptable.', spec: 'RFC 7591 §3.2.2' },
  invalid_client_metadata: { status: 400, text: 'A metadata member is not acceptable.', spec: 'RFC 7591 §3.2.2' },
  unsupported_token_type: { status: 400, text: 'Tokens of this type cannot be revoked here.', spec: 'RFC 7009 §2.2.1' },
  invalid_token: { status: 401, text: 'The access token is invalid, expired or revoked.', spec: 'RFC 6750 §3.1' },
  insufficient_scope: { status: 403, text: 'The request needs more scopes.', spec: 'RFC 6750 §3.1' },
  insufficient_user_authentication: {
    status: 401,
    text: 'The person must sign in again, or more strongly.',
    spec: 'RFC 9470 §3',
  },
  invalid_request_uri: { status: 400, text: 'The request URI is unknown, used or expired.', spec: 'RFC 9101 §7' },
  invalid_dpop_proof: { status: 400, text: 'The DPoP proof is missing or does not hold.', spec: 'RFC 9449 §5, §7.1' },
  use_dpop_nonce: {
    status: 400,
    text: 'The DPoP proof needs the nonce of the DPoP-Nonce header.',
    spec: 'RFC 9449 §8',
  },
  login_required: { status: 400, text: 'The person must sign in.', spec: 'OpenID Connect Core §3.1.2.6' },
  consent_required: { status: 400, text: 'The person must be asked.', spec: 'OpenID Connect Core §3.1.2.6' },
  interaction_required: {
    status: 400,
    text: 'The person must be asked each time.',
    spec: 'OpenID Connect Core §3.1.2.6',
  },
  request_not_supported: {
    status: 400,
    text: 'Request objects are not supported.',
    spec: 'OpenID Connect Core §3.1.2.6',
  },
  request_uri_not_supported: {
    status: 400,
    text: 'Only the URI of a pushed request is supported.',
    spec: 'OpenID Connect Core §3.1.2.6',
  },
  unmet_authentication_requirements: {
    status: 400,
    text: 'Nobody can sign in the way that was asked for.',
    spec: 'RFC 9470 §5',
  },
  authorization_pending: { status: 400, text: 'Nobody has decided yet. Ask again.', spec: 'RFC 8628 §3.5' },
  slow_down: { status: 400, text: 'Ask less often: wait five seconds longer.', spec: 'RFC 8628 §3.5' },
  expired_token: { status: 400, text: 'The device code has expired. Start again.', spec: 'RFC 8628 §3.5' },
  // No OAuth codes: administration speaks of records. @see docs/decisions/0019-administration.md
  not_found: { status: 404, text: 'There is nothing of this name.', spec: 'RFC 9110 §15.5.5' },
  conflict: { status: 409, text: 'The record is not in a state that allows this.', spec: 'RFC 9110 §15.5.10' },
  precondition_failed: { status: 412, text: 'The record was changed in the meantime.', spec: 'RFC 9110 §15.5.13' },
  precondition_required: { status: 428, text: 'Say which version is to be replaced.', spec: 'RFC 6585 §3' },
  // No OAuth code says it; only the status matters. Not slow_down: a client that polls would take it for an answer.
  too_many_requests: { status: 429, text: 'Too many requests. Try again later.', spec: 'RFC 6585 §4' },
  temporarily_unavailable: {
    status: 503,
    text: 'The server cannot answer now. Try again.',
    spec: 'OAuth 2.1 §4.1.2.1',
  },
  server_error: { status: 500, text: 'The server failed.', spec: 'OAuth 2.1 §4.1.2.1' },
} as const;

export type OAuthErrorCode = keyof typeof CODES;

/** The fixed sentence of a code, for where an error is told without being thrown. */
export function errorDescription(code: OAuthErrorCode): string {
  return CODES[code].text;
}
/** Closed, so that a code can be a metric label. */
export const OAUTH_ERROR_CODES = Object.keys(CODES) as readonly OAuthErrorCode[];

/** One member of what was sent; fixed words, never its value. */
export interface MemberProblem {
  readonly member: string;
  readonly problem: string;
}

/**
 * A refusal. `code` is for the wire, `reason` for us, `cause` for the log.
 * The description is a fixed sentence: neither input nor another exception's message ever reaches the wire.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly reason: RefusalReason;
  readonly status: number;
  /** Seconds after which trying again makes sense; becomes Retry-After. */
  readonly retryAfter: number | undefined;
  /** What is wrong with which member, in words of ours. Told where the caller is trusted to mend it. */
  readonly problems: readonly MemberProblem[] | undefined;

  constructor(
    code: OAuthErrorCode,
    reason: RefusalReason,
    more: { cause?: unknown; problems?: readonly MemberProblem[]; retryAfter?: number; status?: number } = {},
  ) {
    super(`${code} (${reason})`, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.reason = reason;
    this.status = more.status ?? CODES[code].status;
    this.retryAfter = more.retryAfter;
    this.problems = more.problems;
  }

  get description(): string {
    return errorDescription(this.code);
  }
}
