export { IDENTITY_SCOPES, isIdentityScope, isReservedScope } from './reserved-scopes.js';
export { ScopeCatalogue, type ScopeDefinition } from './scope-catalogue.js';
export { formatScope, includesAll, intersect, isScopeToken, parseScope, union } from './scope-set.js';
