export type { Account } from './accounts/account.js';
export { AccountStore } from './accounts/account.store.js';
export { AttemptCounter, type AttemptLimit } from './attempts/attempt-counter.js';
export { PasswordHasher } from './passwords/password-hasher.js';
export type { Session } from './sessions/session.js';
export { SessionStore } from './sessions/session.store.js';
