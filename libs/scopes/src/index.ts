export { ScopeCatalogue, type ScopeDefinition } from './scope-catalogue.js';
export { formatScope, includesAll, intersect, isScopeToken, parseScope, union } from './scope-set.js';
