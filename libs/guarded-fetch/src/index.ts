export { DEFAULT_FETCH_BUDGET, type FetchBudgetLimits } from './fetch-budget.js';
export { GuardedClientKeySource } from './guarded-client-key-source.js';
export { GuardedDocumentSource } from './guarded-document-source.js';
export { GuardedLogoutReceiver } from './guarded-logout-receiver.js';
export {
  FETCH_PROBLEMS,
  type FetchProblem,
  type GuardedAnswer,
  type GuardedFailure,
  GuardedFetch,
  type GuardedFetchOptions,
  type GuardedRequest,
} from './guarded-fetch.js';
export { GuardedUpstreamFetch } from './guarded-upstream-fetch.js';
export { type NameLookup } from './name-lookup.js';
export { isInternalAddress, isPublicAddress } from './special-addresses.js';
