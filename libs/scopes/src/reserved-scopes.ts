/**
 * Scopes that ask for the person and not for a right at a resource. They mean the same wherever they are asked for, so no
 * resource may declare them for something of its own.
 * @spec OpenID Connect Core §5.4
 */
export const IDENTITY_SCOPES = ['openid', 'profile', 'email'] as const;

export function isIdentityScope(name: string): boolean {
  return (IDENTITY_SCOPES as readonly string[]).includes(name);
}

/** Beside those `offline_access`, which the authorization server drops from every request. */
export function isReservedScope(name: string): boolean {
  return isIdentityScope(name) || name === 'offline_access';
}
