/**
 * How much fetching strangers can make this server do. A site is the last two labels of a host: whoever owns a domain has
 * as many hosts in it as he likes. Each network that causes fetches has a part of them, so that one cannot keep all places
 * busy with sites that answer slowly, nor use this server to knock at somebody else's door. Nothing waits: whoever finds no place is told so, for a queue would let one site that
 * answers slowly stand in the way of all others.
 */
import type { Clock } from '@gatehouse/protocol';
import { isIP } from 'node:net';

export interface FetchBudgetLimits {
  /** At once, over all sites. */
  readonly total: number;
  /** At once at one site. */
  readonly perSite: number;
  /** At once for one requesting network. */
  readonly perRequester: number;
  /** In a minute at one site, whoever asks for it: what a stranger may be made to answer. */
  readonly minutelyPerSite: number;
  /** In a minute for one requesting network. */
  readonly minutelyPerRequester: number;
  /** Milliseconds that a failed target is left alone; doubled at each further failure, up to `longestPause`. */
  readonly firstPause: number;
  readonly longestPause: number;
}

export const DEFAULT_FETCH_BUDGET: FetchBudgetLimits = {
  total: 32,
  perSite: 4,
  perRequester: 8,
  minutelyPerSite: 600,
  minutelyPerRequester: 120,
  firstPause: 2_000,
  longestPause: 60_000,
};

/** Failures are remembered for so many targets; the oldest fall out first. */
const REMEMBERED = 2_000;

const MINUTE = 60_000;

export class FetchBudget {
  #running = 0;
  readonly #sites = new Map<string, number>();
  readonly #requesters = new Map<string, number>();
  /** Fetches of this minute by site and by requester; no more entries than fetches. */
  readonly #minutely = new Map<string, number>();
  #minuteEnds = 0;
  readonly #failed = new Map<string, { readonly until: number; readonly pause: number }>();

  constructor(
    private readonly limits: FetchBudgetLimits,
    private readonly clock: Clock,
  ) {}

  /** Is one of these targets being left alone after a failure? */
  isPaused(...targets: readonly string[]): boolean {
    const now = this.clock.now().getTime();
    return targets.some((target) => (this.#failed.get(target)?.until ?? 0) > now);
  }

  /**
   * @param requester network that causes the fetch, if one does
   * @returns undefined when there is no place; else the call that gives the place back
   */
  enter(host: string, requester?: string): (() => void) | undefined {
    const site = siteOf(host);
    const places = [
      { running: this.#sites, key: site, most: this.limits.perSite, minutely: this.limits.minutelyPerSite },
      ...(requester === undefined
        ? []
        : [
            {
              running: this.#requesters,
              key: requester,
              most: this.limits.perRequester,
              minutely: this.limits.minutelyPerRequester,
            },
          ]),
    ];
    this.#beginMinute();
    if (this.#running >= this.limits.total) return undefined;
    if (places.some(({ running, key, most }) => (running.get(key) ?? 0) >= most)) return undefined;
    if (places.some(({ key, minutely }, nth) => (this.#minutely.get(`${String(nth)} ${key}`) ?? 0) >= minutely))
      return undefined;
    this.#running += 1;
    places.forEach(({ running, key }, nth) => {
      count(running, key, 1);
      count(this.#minutely, `${String(nth)} ${key}`, 1);
    });
    return () => {
      this.#running -= 1;
      for (const { running, key } of places) count(running, key, -1);
    };
  }

  #beginMinute(): void {
    const now = this.clock.now().getTime();
    if (now < this.#minuteEnds) return;
    this.#minutely.clear();
    this.#minuteEnds = now + MINUTE;
  }

  failed(target: string): void {
    const last = this.#failed.get(target)?.pause;
    const pause = last === undefined ? this.limits.firstPause : Math.min(2 * last, this.limits.longestPause);
    this.#failed.delete(target);
    this.#failed.set(target, { until: this.clock.now().getTime() + pause, pause });
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > REMEMBERED && oldest !== undefined) this.#failed.delete(oldest);
  }

  succeeded(...targets: readonly string[]): void {
    for (const target of targets) this.#failed.delete(target);
  }
}

function count(running: Map<string, number>, key: string, by: number): void {
  const now = (running.get(key) ?? 0) + by;
  if (now === 0) running.delete(key);
  else running.set(key, now);
}

function siteOf(host: string): string {
  return isIP(host) === 0 ? host.split('.').slice(-2).join('.') : host;
}
