import { IDENTITY_SCOPES, intersect, isIdentityScope, type ScopeDefinition } from '@gatehouse/scopes';
import type { Standing } from '../authorizations/standing.js';

/**
 * What a client may be told about a person, in the words of the consent page. Who may see the name or the address may
 * also know whom they belong to. At the resource `userinfo` they are all there is; a request for another resource may ask
 * for them besides, and the answer is an ID token.
 * @spec OpenID Connect Core §5.4
 */
export const IDENTITY_SCOPE_DEFINITIONS: readonly (ScopeDefinition & {
  readonly name: (typeof IDENTITY_SCOPES)[number];
})[] = [
  { name: 'openid', description: 'Recognise you when you come back' },
  { name: 'profile', description: 'See your name and user name', implies: ['openid'] },
  { name: 'email', description: 'See your e-mail address', implies: ['openid'] },
];

/**
 * What of `asked` is still good for an authorization with these scopes: what is still the person's to hand on, and what
 * tells of herself, which always is; and of both what the client is still registered for. A client that acts for itself has no person to tell of. Empty when of an
 * authorization for a resource only identity is left: the rest must not live on as a sign-in that nobody approved as one.
 */
export function stillGranted(
  scopes: readonly string[],
  { account, entitledScopes, clientScopes }: Pick<Standing, 'account' | 'entitledScopes' | 'clientScopes'>,
  asked = scopes,
): readonly string[] {
  const open = clientScopes ? intersect(asked, clientScopes) : asked;
  const good = intersect(open, account === 'absent' ? entitledScopes : [...entitledScopes, ...IDENTITY_SCOPES]);
  return isBesideResource(scopes) && !isBesideResource(good) ? [] : good;
}

/** What was ticked, or is asked for, of what is on offer. Empty, and so a denial, when of scopes of a resource none is left. */
export function chosenScopes(offered: readonly string[], ticked: readonly string[]): readonly string[] {
  const chosen = intersect(offered, ticked);
  return isBesideResource(offered) && !isBesideResource(chosen) ? [] : chosen;
}

/** Scopes of the access token. Identity is in it only where it is all there is: no other resource has a use for it. */
export function accessScopes(scopes: readonly string[]): readonly string[] {
  return isBesideResource(scopes) ? scopes.filter((scope) => !isIdentityScope(scope)) : scopes;
}

/** The identity scopes among these came with a request for another resource: there is no token for userinfo. */
export function isBesideResource(scopes: readonly string[]): boolean {
  return !scopes.every(isIdentityScope);
}
