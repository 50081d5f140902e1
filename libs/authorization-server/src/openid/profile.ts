/** What this server knows of a person and may tell, if the person agreed. */
export interface Profile {
  readonly displayName: string;
  readonly username: string;
  readonly email?: { readonly address: string; readonly verified: boolean };
}

/** @spec OpenID Connect Core §5.1 */
export interface ProfileClaims {
  readonly name?: string;
  readonly preferred_username?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
}

/** What the scopes let a client see: nothing that was not asked for and agreed to. @spec OpenID Connect Core §5.4 */
export function profileClaims(scopes: readonly string[], { displayName, username, email }: Profile): ProfileClaims {
  return {
    ...(scopes.includes('profile') ? { name: displayName, preferred_username: username } : {}),
    ...(scopes.includes('email') && email ? { email: email.address, email_verified: email.verified } : {}),
  };
}
