/** A `WWW-Authenticate` value taken apart: what a client reads from a 401 or 403. */
export interface ReadChallenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The first challenge, to which some clients listen alone. @throws Error as readChallenges does */
export function readChallenge(header: string | undefined | null): ReadChallenge {
  const [first] = readChallenges(header);
  if (!first) throw new Error('no challenge: no header');
  return first;
}

/** A scheme, an attribute, or both: what stands between two commas. */
const ITEM = /^(?:([A-Za-z]+)(?: +|(?=,|$)))?(?:([a-z_]+)="([^"\\]*)")?(?:, *|$)/;

/**
 * All of them, in their order; several header lines come joined by commas.
 * @throws Error when the header is malformed, or a challenge names an attribute twice
 */
export function readChallenges(header: string | undefined | null): readonly ReadChallenge[] {
  const challenges: { readonly scheme: string; readonly parameters: Record<string, string> }[] = [];
  let rest = header ?? '';
  while (rest !== '') {
    const [item = '', scheme, name, value = ''] = ITEM.exec(rest) ?? [];
    if (scheme !== undefined) challenges.push({ scheme, parameters: {} });
    const parameters = challenges.at(-1)?.parameters;
    if (!parameters || (scheme === undefined && name === undefined))
      throw new Error(`not understood in a challenge: ${rest}`);
    if (name !== undefined && name in parameters) throw new Error(`${name} twice in a challenge`);
    if (name !== undefined) parameters[name] = value;
    rest = rest.slice(item.length);
  }
  return challenges;
}
