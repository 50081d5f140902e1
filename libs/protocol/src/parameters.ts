import { OAuthError } from './oauth-error.js';

/** Parameters that may stand more than once. @spec RFC 8707 §2; RFC 8693 §2.1 */
const REPEATABLE = new Set(['resource', 'audience']);

/**
 * Parameters of a query or form body. A repeated one is refused, an empty one counts as absent, unknown ones are kept
 * out of the way: a caller sees only what it asks for by name.
 * @spec OAuth 2.1 §3.1, §3.2
 */
export class Parameters {
  readonly #values = new Map<string, string[]>();

  /** @throws OAuthError invalid_request for a repeated parameter or a NUL or lone surrogate in a name or value */
  constructor(pairs: Iterable<readonly [string, string]>) {
    for (const [name, value] of pairs) {
      if (value.includes('\u0000') || !value.isWellFormed() || !name.isWellFormed())
        throw new OAuthError('invalid_request', 'malformed_request');
      if (value === '') continue;
      const known = this.#values.get(name);
      if (!known) this.#values.set(name, [value]);
      else if (REPEATABLE.has(name)) known.push(value);
      else throw new OAuthError('invalid_request', 'repeated_parameter');
    }
  }

  /** @throws OAuthError invalid_request also for escaped bytes that are no UTF-8 */
  static parse(encoded: string): Parameters {
    refuseBrokenText(encoded);
    return new Parameters(new URLSearchParams(encoded));
  }

  get(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  getAll(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** All of them as pairs, in order, for what has to be read again later; but for those named. */
  pairsWithout(names: readonly string[]): readonly (readonly [string, string])[] {
    return [...this.#values].flatMap(([name, values]) =>
      names.includes(name) ? [] : values.map((value) => [name, value] as const),
    );
  }

  /** @throws OAuthError invalid_request when absent */
  require(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw new OAuthError('invalid_request', 'missing_parameter');
    return value;
  }
}

/** URLSearchParams puts replacement characters in: a `state` would come back as another one. */
function refuseBrokenText(encoded: string): void {
  if (!encoded.includes('%')) return;
  for (const [bytes] of encoded.matchAll(/(?:%[0-9a-f]{2})+/gi))
    try {
      decodeURIComponent(bytes);
    } catch (cause) {
      throw new OAuthError('invalid_request', 'malformed_request', { cause });
    }
}
