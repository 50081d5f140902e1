import { type Clock, secondsSinceEpoch } from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import type { Signer } from '../tokens/signer.js';
import type { LogoutNotice } from './logout-notice.store.js';

/** Says that it is no ID token, no access token and no assertion. @spec OpenID Connect Back-Channel Logout 1.0 §2.4 */
const TYP = 'logout+jwt';
/** Seconds; a receiver need not remember a token for longer. @spec OpenID Connect Back-Channel Logout 1.0 §2.4, §4 */
const LIFETIME = 120;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * The notice as a token for its client alone. Another one for each attempt, with a `jti` of its own: a receiver that has
 * handled the first, and whose answer was lost, must not take the second for a replay. Never with a nonce, so that it
 * cannot stand in for an ID token.
 * @spec OpenID Connect Back-Channel Logout 1.0 §2.4
 */
export function logoutToken(
  { clientId, accountId, sid }: LogoutNotice,
  by: { readonly issuer: string; readonly clock: Clock; readonly signer: Signer },
): Promise<string> {
  const iat = secondsSinceEpoch(by.clock.now());
  const claims = {
    iss: by.issuer,
    sub: accountId,
    aud: clientId,
    iat,
    exp: iat + LIFETIME,
    jti: randomUUID(),
    events: { [EVENT]: {} },
    sid,
  };
  return by.signer.sign(claims, TYP);
}
