import type { AuditEvent } from '@gatehouse/audit';
import { after, type ClientId, type Clock, type RefusalReason } from '@gatehouse/protocol';
import type { Signer } from '../tokens/signer.js';
import type { LogoutNotice, LogoutNoticeStore } from './logout-notice.store.js';
import type { LogoutReceiver } from './logout-receiver.js';
import { logoutToken } from './logout-token.js';

/** In seconds and counts. */
export const LOGOUT_DELIVERY = {
  /** Longer than any attempt lasts: a worker that holds on to a notice for longer is dead. */
  claim: 60,
  /** After the first failure; three times as long after each further one. */
  firstPause: 10,
  longestPause: 3600,
  /** When it was not even tried. */
  notNow: 30,
  /** A receiver that was away for longer has to ask for itself who is still there. */
  giveUpAfter: 86_400,
  /** Of all clients, and of one: however slow its receiver is, places are left for the others. */
  atOnce: 16,
  perClient: 4,
} as const;

export interface DeliveryResult {
  readonly delivered: number;
  readonly postponed: number;
  readonly givenUp: number;
}

/**
 * Tells clients that sessions have ended. Each place that becomes free takes the next notice, so a receiver that lets its
 * time run out keeps nobody waiting but itself. A notice is told at least once: a worker that dies between the answer and
 * its record leaves it to be told again, which ends an ended session.
 * Costs one claim for up to sixteen notices, and for each one signature and one write.
 * @spec OpenID Connect Back-Channel Logout 1.0 §2.5, §2.8
 */
export class LogoutDeliveries {
  constructor(
    private readonly by: {
      readonly issuer: string;
      readonly clock: Clock;
      readonly signer: Signer;
      readonly notices: LogoutNoticeStore;
      readonly receiver: LogoutReceiver;
      /** How long to wait for an answer before looking for what became due meanwhile. */
      readonly pause: () => Promise<unknown>;
    },
  ) {}

  /** All that is due now, or until `stopping`. @throws what the store or the signer throws, once nothing is under way */
  async run(stopping: AbortSignal): Promise<DeliveryResult> {
    const result = { delivered: 0, postponed: 0, givenUp: 0 };
    const running = new Map<Promise<void>, ClientId>();
    let failure: { readonly cause: unknown } | undefined;
    const begin = (notice: LogoutNotice): void => {
      const attempt: Promise<void> = this.#attempt(notice)
        .then((outcome) => {
          result[outcome] += 1;
        })
        .catch((cause: unknown) => {
          failure ??= { cause };
        })
        .finally(() => running.delete(attempt));
      running.set(attempt, notice.clientId);
    };
    try {
      while (!stopping.aborted && !failure) {
        const busy = [...running.values()];
        const claimed = await this.#claim(busy);
        claimed.forEach(begin);
        if (claimed.length === 0 && busy.length === 0) break;
        if (running.size > 0) await Promise.race([...running.keys(), this.by.pause()]);
      }
    } finally {
      await Promise.all(running.keys());
    }
    if (failure) throw failure.cause;
    return result;
  }

  #claim(busy: readonly ClientId[]): Promise<readonly LogoutNotice[]> {
    const { atOnce, perClient, claim } = LOGOUT_DELIVERY;
    const now = this.by.clock.now();
    const limit = atOnce - busy.length;
    const except = [...new Set(busy)];
    if (limit <= 0) return Promise.resolve([]);
    return this.by.notices.claim({ now, until: after(now, claim), limit, perClient, except });
  }

  async #attempt(notice: LogoutNotice): Promise<keyof DeliveryResult> {
    if (notice.receiver === undefined) return this.#settle(notice, 'givenUp', 'unknown_client');
    const answer = await this.by.receiver.deliver(notice.receiver, await logoutToken(notice, this.by));
    if (answer === 'delivered') return this.#settle(notice, 'delivered');
    const now = this.by.clock.now();
    const tried = answer !== 'not_now';
    const due = after(now, tried ? pauseAfter(notice.attempts) : LOGOUT_DELIVERY.notNow);
    if (due >= after(notice.endedAt, LOGOUT_DELIVERY.giveUpAfter))
      return this.#settle(
        notice,
        'givenUp',
        answer === 'refused' ? 'logout_refused_by_receiver' : 'logout_receiver_unreachable',
      );
    await this.by.notices.postpone(notice, due, tried ? notice.attempts : notice.attempts - 1);
    return 'postponed';
  }

  async #settle(
    { id, clientId, accountId, attempts }: LogoutNotice,
    outcome: 'delivered' | 'givenUp',
    reason?: RefusalReason,
  ): Promise<keyof DeliveryResult> {
    const audit: AuditEvent = {
      type: outcome === 'delivered' ? 'logout.delivered' : 'logout.given_up',
      at: this.by.clock.now(),
      clientId,
      accountId,
      ...(reason === undefined ? {} : { reason }),
      detail: { attempts },
    };
    await this.by.notices.settle(id, audit);
    return outcome;
  }
}

function pauseAfter(attempts: number): number {
  const { firstPause, longestPause } = LOGOUT_DELIVERY;
  return Math.min(firstPause * 3 ** (attempts - 1), longestPause);
}
