import { OAuthError } from '@gatehouse/protocol';

/** Our own issuer stops at four; a chain without end would be read without end. */
const MOST = 16;

/**
 * Who acts, the one that acts now first. What cannot be read as such a chain is no token: somebody acts, and nobody here
 * could say who.
 * @throws OAuthError invalid_token (malformed_access_token)
 * @spec RFC 8693 §4.1
 */
export function readActors(act: unknown): readonly string[] {
  const actors: string[] = [];
  for (let link = act; link !== undefined;) {
    const { sub, act: next } =
      typeof link === 'object' && link !== null && !Array.isArray(link) ? (link as Record<string, unknown>) : {};
    if (typeof sub !== 'string' || sub === '' || actors.length >= MOST)
      throw new OAuthError('invalid_token', 'malformed_access_token');
    actors.push(sub);
    link = next;
  }
  return actors;
}
