/**
 * How much fetching strangers can make this server do. A site is the last two labels of a host: whoever owns a domain has
 * as many hosts in it as he likes. Nothing waits: whoever finds no place is told so, for a queue would let one site that
 * answers slowly stand in the way of all others.
 */
import type { Clock } from '@gatehouse/protocol';
import { isIP } from 'node:net';

export interface FetchBudgetLimits {
  /** At once, over all sites. */
  readonly total: number;
  /** At once at one site. */
  readonly perSite: number;
  /** Milliseconds that a failed target is left alone; doubled at each further failure, up to `longestPause`. */
  readonly firstPause: number;
  readonly longestPause: number;
}

export const DEFAULT_FETCH_BUDGET: FetchBudgetLimits = {
  total: 32,
  perSite: 4,
  firstPause: 2_000,
  longestPause: 60_000,
};

/** Failures are remembered for so many targets; the oldest fall out first. */
const REMEMBERED = 2_000;

export class FetchBudget {
  #running = 0;
  readonly #sites = new Map<string, number>();
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

  /** @returns undefined when there is no place; else the call that gives the place back */
  enter(host: string): (() => void) | undefined {
    const site = siteOf(host);
    const there = this.#sites.get(site) ?? 0;
    if (this.#running >= this.limits.total || there >= this.limits.perSite) return undefined;
    this.#running += 1;
    this.#sites.set(site, there + 1);
    return () => {
      this.#running -= 1;
      const left = (this.#sites.get(site) ?? 1) - 1;
      if (left === 0) this.#sites.delete(site);
      else this.#sites.set(site, left);
    };
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

function siteOf(host: string): string {
  return isIP(host) === 0 ? host.split('.').slice(-2).join('.') : host;
}
