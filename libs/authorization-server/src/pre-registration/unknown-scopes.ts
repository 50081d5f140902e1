import type { ProtectedResource } from '../resources/protected-resource.js';

/** A misspelt scope is a right that the client never gets; the resource may also be published later. So it is told, not refused. */
export function unknownScopes(scopes: readonly string[], resources: readonly ProtectedResource[]): readonly string[] {
  const known = new Set(resources.flatMap((resource) => resource.scopes.map(({ name }) => name)));
  return scopes.filter((scope) => !known.has(scope));
}
