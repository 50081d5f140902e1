import { OAuthError } from '@gatehouse/protocol';

/** The parts of a request in which a token can stand, as they came in. */
export interface PresentedCredentials {
  /** Every Authorization header line. A list, for a parser that keeps one of two hides the other. */
  readonly authorization: readonly string[];
  /** The raw query, without the question mark. */
  readonly query: string;
  /** The body, when its content type says that it is a form. */
  readonly form?: string;
}

/** b64token of RFC 6750 §2.1; the scheme in any case. */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** Four times what our own tokens need. Longer ones are refused before anything is decoded. */
const MAX_LENGTH = 8192;

/** A form that carries a token is hardly longer. Taking a megabyte of `a&a&…` apart holds up everybody for seconds. */
const MAX_ENCODED = 16 * 1024;

/**
 * The one token of a request, which must stand in the Authorization header. A token in the URL is in logs and histories
 * already, so it counts as none; two tokens, or a header that says Bearer and no token, are malformed.
 * @throws OAuthError invalid_token (no_access_token, credentials_in_url: without credentials in the sense of the challenge),
 *   invalid_request (two_access_tokens, malformed_access_token)
 * @spec RFC 6750 §2, §3.1; MCP authorization, Token Requirements
 */
export function presentedToken(request: PresentedCredentials): string {
  const inQuery = has(request.query, 'access_token');
  const inForm = request.form !== undefined && has(request.form, 'access_token');
  if (request.authorization.length + Number(inQuery) + Number(inForm) > 1)
    throw new OAuthError('invalid_request', 'two_access_tokens');
  if (inQuery) throw new OAuthError('invalid_token', 'credentials_in_url');

  const header = request.authorization[0]?.trim();
  // Another scheme is an unsupported method, which the challenge answers like no credentials at all.
  if (header === undefined || !/^bearer(?: |$)/i.test(header)) throw new OAuthError('invalid_token', 'no_access_token');
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new OAuthError('invalid_request', 'malformed_access_token');
  if (token.length > MAX_LENGTH) throw new OAuthError('invalid_token', 'malformed_access_token');
  return token;
}

/** Was the request made without credentials, as far as the challenge is concerned? Then it carries no error code. */
export function withoutCredentials(error: OAuthError): boolean {
  return error.reason === 'no_access_token' || error.reason === 'credentials_in_url';
}

function has(encoded: string, name: string): boolean {
  return encoded !== '' && encoded.length <= MAX_ENCODED && new URLSearchParams(encoded).has(name);
}
