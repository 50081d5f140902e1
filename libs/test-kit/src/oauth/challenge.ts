/** A `WWW-Authenticate` value taken apart: what a client reads from a 401 or 403. */
export interface ReadChallenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** @throws Error when the header is missing, not one challenge, or names an attribute twice */
export function readChallenge(header: string | undefined | null): ReadChallenge {
  const match = /^([A-Za-z]+)(?:\s+(.*))?$/.exec(header ?? '');
  if (!match?.[1]) throw new Error(`no challenge: ${header ?? 'no header'}`);
  const parameters: Record<string, string> = {};
  let rest = match[2] ?? '';
  while (rest !== '') {
    const one = /^([a-z_]+)="([^"\\]*)"(?:,\s*|$)/.exec(rest);
    if (!one?.[1]) throw new Error(`not understood in a challenge: ${rest}`);
    if (one[1] in parameters) throw new Error(`${one[1]} twice in a challenge`);
    parameters[one[1]] = one[2] ?? '';
    rest = rest.slice(one[0].length);
  }
  return { scheme: match[1], parameters };
}
