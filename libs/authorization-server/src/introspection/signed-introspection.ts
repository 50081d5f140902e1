import { type ResourceServerId, secondsSinceEpoch } from '@gatehouse/protocol';
import type { Signer } from '../tokens/signer.js';
import type { IntrospectionResponse } from './introspection-endpoint.js';

const JWT = 'application/token-introspection+jwt';
const JSON_TYPE = 'application/json';

/** What goes out, and as what. */
export type IntrospectionAnswer =
  | { readonly mediaType: typeof JSON_TYPE; readonly body: IntrospectionResponse }
  | { readonly mediaType: typeof JWT; readonly body: string };

/**
 * Whether a caller would rather have the answer signed. It has to say so by name: one that takes anything gets JSON, for
 * that is what takes anything expect.
 * @spec RFC 9701 §4; RFC 9110 §12.5.1
 */
export function prefersSigned(accept: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((each) => each.startsWith('q='))?.slice(2) ?? '1';
    weights.set(type, /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0);
  }
  const signed = weights.get(JWT) ?? 0;
  return signed > 0 && signed >= (weights.get(JSON_TYPE) ?? 0);
}

export function plainAnswer(body: IntrospectionResponse): IntrospectionAnswer {
  return { mediaType: JSON_TYPE, body };
}

/**
 * An answer that the resource server can show to others, and that nobody on the way can change. It is no token: its type is
 * its own, what it says of one lies in a claim of its own, and it has neither a subject nor an end.
 * @spec RFC 9701 §5
 */
export async function signedAnswer(
  response: IntrospectionResponse,
  by: { readonly issuer: string; readonly signer: Signer },
  to: { readonly audience: ResourceServerId; readonly now: Date },
): Promise<IntrospectionAnswer> {
  const content = {
    iss: by.issuer,
    aud: to.audience,
    iat: secondsSinceEpoch(to.now),
    token_introspection: response,
  };
  return { mediaType: JWT, body: await by.signer.sign(content, 'token-introspection+jwt') };
}
