import { OAuthError } from '@gatehouse/protocol';
import type { KeyBinding } from '../authorizations/authorization.js';
import type { Client } from '../clients/client.js';

/**
 * What a new family of refresh tokens is bound to. Only a public client's is: whoever uses another's has to authenticate
 * as that client, and that client may change its key. It is settled when the family is born. A family born without a
 * proof stays as it is whatever proofs come later, for else whoever stole a token could lock its owner out.
 * @spec RFC 9449 §5
 */
export function familyBinding({ authMethod }: Client, shown: KeyBinding | undefined): KeyBinding | undefined {
  return authMethod === 'none' ? shown : undefined;
}

/** For the audit trail: whether what was issued is of use only with a key. */
export function bindingDetail(shown: KeyBinding | undefined): { readonly dpop?: true } {
  return shown ? { dpop: true } : {};
}

/**
 * Whoever brings a bound code or refresh token must show that it has the key. Without, it is as good as unknown, and
 * nothing may be spent or ended by it.
 * @throws OAuthError invalid_grant
 * @spec RFC 9449 §5, §10
 */
export function requireBoundKey(bound: KeyBinding | undefined, shown: KeyBinding | undefined): void {
  if (bound === undefined) return;
  if (shown === undefined) throw new OAuthError('invalid_grant', 'missing_dpop_proof');
  if (shown.jkt !== bound.jkt) throw new OAuthError('invalid_grant', 'dpop_proof_other_key');
}
