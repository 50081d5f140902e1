import { comparableResource, type ResourceIdentifier } from '@gatehouse/protocol';
import type { Client } from '../clients/client.js';

/**
 * One edge along which a client may exchange tokens, as an operator declared it. There is no other way: a client that
 * registered itself has none.
 * @spec RFC 8693 §5
 */
export interface ExchangeRule {
  /** What the subject token is for. */
  readonly from: ResourceIdentifier;
  /** What the new token is for. May be `from`: then a token can only be narrowed. */
  readonly to: ResourceIdentifier;
  /** By each scope at `to`, the scope at `from` that warrants it. A scope that does not stand here cannot be had. */
  readonly scopes: Readonly<Record<string, string>>;
  /**
   * The client runs `from` and has checked the proofs of the tokens that come there, so it may exchange one that is bound
   * to another's key. Without it only the holder of the key may.
   */
  readonly acceptsBoundTokens?: boolean;
}

/** The rule from the very audience of a token to the resource that was asked for, in any of its spellings. */
export function ruleBetween(
  { exchanges = [] }: Pick<Client, 'exchanges'>,
  from: ResourceIdentifier,
  to: string,
): ExchangeRule | undefined {
  return exchanges.find((rule) => rule.from === from && comparableResource(rule.to) === to);
}

/** All that a rule gives for these scopes: never more than each of them warrants. */
export function warrantedScopes({ scopes }: ExchangeRule, held: readonly string[]): readonly string[] {
  return Object.entries(scopes).flatMap(([scope, warrant]) => (held.includes(warrant) ? [scope] : []));
}
