import { sameHash, type TokenHash, tokenHash } from '@gatehouse/protocol';

/** Does `presented` match one of the stored secrets, and is that one still good? */
export function matchSecret(
  presented: string,
  stored: readonly { readonly hash: TokenHash; readonly expiresAt?: Date }[],
  now: Date,
): 'match' | 'expired' | 'wrong' {
  const hash = tokenHash(presented);
  const matching = stored.filter((secret) => sameHash(secret.hash, hash));
  if (matching.some(({ expiresAt }) => expiresAt === undefined || now < expiresAt)) return 'match';
  return matching.length > 0 ? 'expired' : 'wrong';
}
