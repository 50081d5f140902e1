/**
 * How surely a person was recognised at sign-in: the `acr` of our tokens. Levels are ordered, the weakest first, and a
 * stronger one is as good as any weaker. Which of them can be reached is for the sign-in methods of a deployment to say.
 * @spec OpenID Connect Core §2 (acr, amr)
 */
export const AUTHENTICATION_LEVELS = ['urn:gatehouse:acr:1fa', 'urn:gatehouse:acr:2fa'] as const;

export type AuthenticationLevel = (typeof AUTHENTICATION_LEVELS)[number];

/**
 * Whether somebody recognised at `acr` satisfies a wish for any one of `wanted`. An empty list wishes for nothing; a value
 * that is none of ours is satisfied by nothing.
 */
export function satisfies(acr: string, wanted: readonly string[]): boolean {
  if (wanted.length === 0) return true;
  const reached = levelOf(acr);
  return wanted.some((each) => levelOf(each) >= 0 && levelOf(each) <= reached);
}

function levelOf(acr: string): number {
  return (AUTHENTICATION_LEVELS as readonly string[]).indexOf(acr);
}
