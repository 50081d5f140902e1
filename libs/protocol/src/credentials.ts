import { OAuthError } from './oauth-error.js';

export interface BasicCredentials {
  readonly id: string;
  readonly secret: string;
}

/**
 * Both parts are form-encoded before base64, so a secret may contain a colon.
 * @throws OAuthError invalid_client when the scheme is Basic but the rest is not readable
 * @spec OAuth 2.1 §2.4.1; RFC 7617 §2
 */
export function parseBasic(header: string | undefined): BasicCredentials | undefined {
  if (header === undefined || !/^basic(?: |$)/i.test(header)) return undefined;
  const encoded = header.slice(6).trim();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) throw new OAuthError('invalid_client', 'malformed_request');
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw new OAuthError('invalid_client', 'malformed_request');
  try {
    return { id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) };
  } catch (cause) {
    throw new OAuthError('invalid_client', 'malformed_request', { cause });
  }
}

function formDecode(text: string): string {
  return /[%+]/.test(text) ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}

/** `id` and `secret` as an Authorization header value. */
export function basic(id: string, secret: string): string {
  const encode = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+');
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`;
}
