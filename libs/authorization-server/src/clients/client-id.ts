import type { ClientId } from '@gatehouse/protocol';

/** Visible ASCII of bounded length. Anything else is no client of ours, and need not reach a store to be told so. */
export function clientId(text: string): ClientId | undefined {
  return /^[\x21-\x7e]{1,2000}$/.test(text) ? (text as ClientId) : undefined;
}
