import type { ProtectedResource } from '../resources/protected-resource.js';
import type { ExchangeRule } from './exchange-rule.js';

/** What rules name and nothing has: a right that the client never gets. The resource may also be published later. */
export function unknownInRules(
  rules: readonly ExchangeRule[],
  resources: readonly ProtectedResource[],
): readonly string[] {
  const missing = (identifier: string, names: readonly string[]): readonly string[] => {
    const resource = resources.find((each) => each.identifier === identifier);
    if (!resource) return [`there is no resource ${identifier}`];
    const known = resource.scopes.map(({ name }) => name);
    return names.filter((name) => !known.includes(name)).map((name) => `${identifier} has no scope ${name}`);
  };
  const all = rules.flatMap(({ from, to, scopes }) => [
    ...missing(from, Object.values(scopes)),
    ...missing(to, Object.keys(scopes)),
  ]);
  return [...new Set(all)];
}
