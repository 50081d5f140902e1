/**
 * Whose request is being worked on. For what happens far from the request and has to be shared fairly among those who cause
 * it, such as fetches; never for a decision about what is allowed.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const requesters = new AsyncLocalStorage<() => string>();

/** `network` is asked only when somebody wants to know. */
export function workFor(network: () => string, work: () => void): void {
  requesters.run(network, work);
}

/** Undefined outside of any request. */
export function requestingNetwork(): string | undefined {
  return requesters.getStore()?.();
}
