/**
 * Decides by the clock alone which key signs, which are published and what a rotation has to do. No step of a key's
 * life needs a second write: the row says when it will sign, so a worker that dies after publishing has lost nothing.
 */
import { type KeyId, after } from '@gatehouse/protocol';
import type { KeyPolicy } from './key-policy.js';
import type { SigningKey } from './signing-key.js';

type Life = Pick<SigningKey, 'activatesAt' | 'withdrawAt'>;

/** Published, so that tokens signed with it can be checked: from the day it is stored until it is withdrawn. */
export function isPublished(key: Life, now: Date): boolean {
  return key.withdrawAt === undefined || key.withdrawAt > now;
}

/** The key that signs at `now`: of those published and activated, the one activated last. */
export function signingKeyAt<K extends Life>(keys: readonly K[], now: Date): K | undefined {
  return keys
    .filter((key) => isPublished(key, now) && key.activatesAt <= now)
    .reduce<K | undefined>((best, key) => (best && best.activatesAt >= key.activatesAt ? best : key), undefined);
}

export interface Succession {
  /** The store publishes only if this is still the newest key: of two workers one wins. */
  readonly expectedNewest: KeyId | undefined;
  readonly activatesAt: Date;
  readonly withdrawOthersAt: Date;
}

export interface RotationRequest {
  /** An operator wants a new key before the interval is over. It still begins to sign only after the lead. */
  readonly early?: boolean;
}

/**
 * The successor to publish now, if one is due. `keys` as the store lists them, oldest first, withdrawn ones gone.
 * A successor that has not begun to sign is never overtaken, however often and late this is asked.
 */
export function successionDue(
  keys: readonly SigningKey[],
  now: Date,
  policy: KeyPolicy,
  { early = false }: RotationRequest = {},
): Succession | undefined {
  const newest = keys.at(-1);
  if (newest && newest.activatesAt > now) return undefined;
  const withLead = after(now, policy.publishLead);
  const lastTokenExpires = (signsUntil: Date): Date =>
    after(signsUntil, policy.accessTokenLifetime + policy.withdrawalSlack);

  let activatesAt: Date;
  if (!newest) activatesAt = now;
  // The newest key was taken out of turn (an operator withdraws a key that leaked). A verifier may need a moment to
  // learn of the new one, but there is nothing left that could sign meanwhile.
  else if (newest.withdrawAt) activatesAt = newest.withdrawAt < lastTokenExpires(withLead) ? now : withLead;
  else if (early || after(newest.publishedAt, policy.rotationInterval) <= now) activatesAt = withLead;
  else return undefined;
  return { expectedNewest: newest?.id, activatesAt, withdrawOthersAt: lastTokenExpires(activatesAt) };
}
