import { OAuthError } from '@gatehouse/protocol';
import { parseScope } from '@gatehouse/scopes';
import { z } from 'zod';
import type { ClientKeySet } from '../clients/client.js';
import { CLIENT_ASSERTION_ALGORITHMS, isKeySetUri, readPublicKeys } from '../clients/public-keys.js';
import { isLogoutReceiver } from '../logout/logout-terms.js';
import { displayText } from './display-text.js';

const words = (longest: number) =>
  z
    .string()
    .max(4 * longest)
    .transform(displayText)
    .refine((text) => (text?.length ?? 0) <= longest);

/**
 * What of a registration is read. Unknown members are ignored, as are those that would make the server fetch or vouch
 * for something (`logo_uri`, `software_statement`, …). Sizes are bounded: anybody may register.
 * @spec RFC 7591 §2
 */
const clientMetadata = z.object({
  /** Whether it may be left out is the grants' to say; see resulting-client.ts. */
  redirect_uris: z.array(z.string().max(2000)).max(20).optional(),
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    .default('client_secret_basic'),
  grant_types: z.array(z.string().max(200)).max(20).default(['authorization_code']),
  response_types: z.array(z.string().max(200)).max(20).default(['code']),
  application_type: z.string().optional(),
  post_logout_redirect_uris: z.array(z.string().max(2000)).max(20).optional(),
  backchannel_logout_uri: z.string().refine(isLogoutReceiver).optional(),
  backchannel_logout_session_required: z.boolean().optional(),
  client_name: words(100).optional(),
  client_uri: z.string().optional(),
  software_id: words(100).optional(),
  software_version: words(100).optional(),
  /** @spec RFC 9449 §5.2 */
  dpop_bound_access_tokens: z.boolean().optional(),
  // Read to be refused when malformed; not kept, for a client that registers itself could raise it at will, and
  // clients that register with the scopes of their first request must be able to ask for more later.
  scope: z
    .string()
    .max(10_000)
    .refine((text) => parseScope(text) !== undefined)
    .optional(),
  jwks: z.unknown().optional(),
  jwks_uri: z.unknown().optional(),
  /** @spec RFC 9126 §6 */
  require_pushed_authorization_requests: z.boolean().optional(),
  /** @spec OpenID Connect Dynamic Client Registration §2 */
  token_endpoint_auth_signing_alg: z.enum(CLIENT_ASSERTION_ALGORITHMS).optional(),
});

export interface ClientMetadata extends Omit<z.output<typeof clientMetadata>, 'jwks' | 'jwks_uri'> {
  /** Present exactly with `private_key_jwt`. */
  readonly keys?: ClientKeySet;
}

/** @throws OAuthError invalid_redirect_uri when the trouble is there, else invalid_client_metadata */
export function parseClientMetadata(body: unknown): ClientMetadata {
  const parsed = clientMetadata.safeParse(withoutNulls(body));
  if (!parsed.success) {
    const redirect = parsed.error.issues.every(({ path }) => path[0] === 'redirect_uris');
    throw redirect
      ? new OAuthError('invalid_redirect_uri', 'invalid_redirect_uri')
      : new OAuthError('invalid_client_metadata', 'invalid_client_metadata');
  }
  const { jwks, jwks_uri, ...metadata } = parsed.data;
  // @spec RFC 7591 §2
  if (jwks !== undefined && jwks_uri !== undefined)
    throw new OAuthError('invalid_client_metadata', 'invalid_client_metadata');
  if (metadata.token_endpoint_auth_method !== 'private_key_jwt') return metadata;
  const keys = clientKeySet(jwks, jwks_uri);
  if (!keys) throw new OAuthError('invalid_client_metadata', 'invalid_client_metadata');
  return { ...metadata, keys };
}

function clientKeySet(jwks: unknown, jwksUri: unknown): ClientKeySet | undefined {
  if (jwksUri !== undefined) return isKeySetUri(jwksUri) ? { jwksUri } : undefined;
  const keys = readPublicKeys(jwks);
  return keys && { jwks: keys };
}

/** Several clients send null for what they leave out. */
function withoutNulls(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
