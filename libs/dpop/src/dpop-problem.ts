import type { RefusalReason } from '@gatehouse/protocol';

export type DpopReason = Extract<RefusalReason, `${string}dpop${string}`>;

/** Why a proof does not count. Which status and challenge that becomes is for the side that asked for the proof. */
export class DpopProblem extends Error {
  override readonly name = 'DpopProblem';

  constructor(
    readonly reason: DpopReason,
    more: { readonly cause?: unknown } = {},
  ) {
    super(reason, more);
  }

  /** Told apart because a client answers the second by itself: it makes the proof again with the nonce it is sent. @spec RFC 9449 §8 */
  get code(): 'invalid_dpop_proof' | 'use_dpop_nonce' {
    return this.reason === 'missing_dpop_nonce' || this.reason === 'unknown_dpop_nonce'
      ? 'use_dpop_nonce'
      : 'invalid_dpop_proof';
  }
}
