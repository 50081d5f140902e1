import { OAuthError } from '@gatehouse/protocol';

/** The parts of a request in which a token and a proof can stand, as they came in. */
export interface PresentedCredentials {
  /** Every Authorization header line. A list, for a parser that keeps one of two hides the other. */
  readonly authorization: readonly string[];
  /** Every DPoP header line, for the same reason. */
  readonly proofs?: readonly string[];
  readonly method: string;
  /** The raw query, without the question mark. */
  readonly query: string;
  /** The body, when its content type says that it is a form. */
  readonly form?: string;
}

export type TokenScheme = 'Bearer' | 'DPoP';

export interface PresentedToken {
  readonly scheme: TokenScheme;
  readonly token: string;
}

/** token68 (b64token) of RFC 6750 §2.1 and RFC 9449 §7.1; the scheme in any case. */
const CREDENTIALS = /^(bearer|dpop) +([A-Za-z0-9._~+/-]+=*)$/i;

/** Four times what our own tokens need. Longer ones are refused before anything is decoded. */
const MAX_LENGTH = 8192;

/** A form that carries a token is hardly longer. Taking a megabyte of `a&a&…` apart holds up everybody for seconds. */
const MAX_ENCODED = 16 * 1024;

/**
 * The one token of a request, which must stand in the Authorization header. A token in the URL is in logs and histories
 * already, so it counts as none; two tokens, or a header that names a scheme and no token, are malformed.
 * @throws OAuthError invalid_token (no_access_token, credentials_in_url: without credentials in the sense of the challenge),
 *   invalid_request (two_access_tokens, malformed_access_token)
 * @spec RFC 6750 §2, §3.1; RFC 9449 §7.1; MCP authorization, Token Requirements
 */
export function presentedToken(request: PresentedCredentials): PresentedToken {
  const inQuery = has(request.query, 'access_token');
  const inForm = request.form !== undefined && has(request.form, 'access_token');
  if (request.authorization.length + Number(inQuery) + Number(inForm) > 1)
    throw new OAuthError('invalid_request', 'two_access_tokens');
  if (inQuery) throw new OAuthError('invalid_token', 'credentials_in_url');

  // Another scheme is an unsupported method, which the challenge answers like no credentials at all.
  const scheme = presentedScheme(request);
  if (scheme === undefined) throw new OAuthError('invalid_token', 'no_access_token');
  const token = CREDENTIALS.exec(request.authorization[0]?.trim() ?? '')?.[2];
  if (token === undefined) throw new OAuthError('invalid_request', 'malformed_access_token');
  if (token.length > MAX_LENGTH) throw new OAuthError('invalid_token', 'malformed_access_token');
  return { scheme, token };
}

/** The scheme that the request claims to use; a refusal is told to that scheme. */
export function presentedScheme({
  authorization,
}: Pick<PresentedCredentials, 'authorization'>): TokenScheme | undefined {
  const name = /^(bearer|dpop)(?: |$)/i.exec(authorization[0]?.trim() ?? '')?.[1];
  if (name === undefined) return undefined;
  return name.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
}

/** Was the request made without credentials, as far as the challenge is concerned? Then it carries no error code. */
export function withoutCredentials(error: OAuthError): boolean {
  return error.reason === 'no_access_token' || error.reason === 'credentials_in_url';
}

function has(encoded: string, name: string): boolean {
  return encoded !== '' && encoded.length <= MAX_ENCODED && new URLSearchParams(encoded).has(name);
}
