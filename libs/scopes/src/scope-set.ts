/** scope-token of OAuth 2.1 §1.4.1: printable ASCII without space, quote and backslash. */
const TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

export function isScopeToken(text: string): boolean {
  return text.length <= 128 && TOKEN.test(text);
}

/** Undefined when a token is malformed or there are more than 100. Order is kept, repeats are dropped. */
export function parseScope(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return [];
  const tokens = [...new Set(text.split(' ').filter((token) => token !== ''))];
  return tokens.length <= 100 && tokens.every(isScopeToken) ? tokens : undefined;
}

export function formatScope(scopes: Iterable<string>): string {
  return [...scopes].join(' ');
}

export function union(...sets: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(sets.flat())];
}

export function intersect(a: readonly string[], b: readonly string[]): readonly string[] {
  const other = new Set(b);
  return a.filter((scope) => other.has(scope));
}

export function includesAll(granted: readonly string[], wanted: readonly string[]): boolean {
  const have = new Set(granted);
  return wanted.every((scope) => have.has(scope));
}
