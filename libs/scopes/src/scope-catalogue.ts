import { isScopeToken } from './scope-set.js';

/** One scope of one resource: declared once, read by the guard, the metadata and the consent page. */
export interface ScopeDefinition {
  readonly name: string;
  /** What it lets a client do, in words for the person who consents: "See invoices and their amounts". */
  readonly description: string;
  /** Narrower scopes of the same resource that this one includes. */
  readonly implies?: readonly string[];
  /** Harm is hard to undo (money moves, data is lost): the consent page says so. */
  readonly sensitive?: boolean;
}

export class ScopeCatalogue {
  readonly #byName: ReadonlyMap<string, ScopeDefinition>;

  /** @throws TypeError for a malformed, repeated or dangling name: a programming or configuration mistake */
  constructor(readonly definitions: readonly ScopeDefinition[]) {
    const names = definitions.map(({ name }) => name);
    const bad = names.find((name, index) => !isScopeToken(name) || names.indexOf(name) !== index);
    if (bad !== undefined) throw new TypeError(`malformed or repeated scope: ${bad}`);
    const dangling = definitions.flatMap(({ implies = [] }) => implies).find((name) => !names.includes(name));
    if (dangling !== undefined) throw new TypeError(`a scope implies an unknown one: ${dangling}`);
    this.#byName = new Map(definitions.map((definition) => [definition.name, definition]));
  }

  find(name: string): ScopeDefinition | undefined {
    return this.#byName.get(name);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The scopes and all they include, however deep. */
  closure(scopes: readonly string[]): ReadonlySet<string> {
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      this.#byName.get(name)?.implies?.forEach(visit);
    };
    scopes.forEach(visit);
    return seen;
  }

  /** What `granted` lacks for `needed`; a broader scope satisfies a narrower one. @spec MCP authorization, step-up flow */
  missing(granted: readonly string[], needed: readonly string[]): readonly string[] {
    const have = this.closure(granted);
    return needed.filter((scope) => !have.has(scope));
  }
}
