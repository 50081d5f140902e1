import { hash } from 'node:crypto';
import { type Clock, OAuthError } from '@gatehouse/protocol';
import { type UsedProof, UsedProofs } from './used-proofs.js';

/** Proofs that end in one stretch of time are forgotten together. */
const STRETCH_SECONDS = 60;

interface Stretch {
  readonly proofs: Set<string>;
  readonly byKey: Map<string, number>;
}

/**
 * In this process: a proof that was shown to one replica may be shown once to each other. A request costs neither a round
 * trip nor a timer. Full, it refuses rather than forgets, or whoever floods it could replay what they flooded away; and one
 * key may fill no more than a quarter, so that its holder shuts out nobody but itself.
 */
export class MemoryUsedProofs extends UsedProofs {
  /** By the end of the stretch in which a proof ends. */
  readonly #stretches = new Map<number, Stretch>();

  constructor(
    private readonly clock: Clock,
    /** Some 100 bytes each. */
    private readonly capacity = 500_000,
  ) {
    super();
  }

  override use({ jkt, jti, usableUntil }: UsedProof): Promise<boolean> {
    this.#forget();
    const { proofs, byKey } = this.#stretchOf(usableUntil);
    // A hash: what stands in a proof is as long as its maker likes.
    const name = hash('sha256', `${jkt} ${jti}`, 'base64url');
    if (proofs.has(name)) return Promise.resolve(false);
    if (this.#count(({ byKey: counts }) => counts.get(jkt) ?? 0) >= this.capacity / 4)
      return Promise.reject(full('too_many_requests'));
    if (this.size >= this.capacity) return Promise.reject(full('temporarily_unavailable'));
    proofs.add(name);
    byKey.set(jkt, (byKey.get(jkt) ?? 0) + 1);
    return Promise.resolve(true);
  }

  get size(): number {
    return this.#count(({ proofs }) => proofs.size);
  }

  #count(of: (stretch: Stretch) => number): number {
    return [...this.#stretches.values()].reduce((sum, stretch) => sum + of(stretch), 0);
  }

  #stretchOf(usableUntil: Date): Stretch {
    const end = (Math.floor(usableUntil.getTime() / 1000 / STRETCH_SECONDS) + 1) * STRETCH_SECONDS;
    const stretch = this.#stretches.get(end) ?? { proofs: new Set<string>(), byKey: new Map<string, number>() };
    this.#stretches.set(end, stretch);
    return stretch;
  }

  #forget(): void {
    const now = this.clock.now().getTime() / 1000;
    for (const end of this.#stretches.keys()) if (end <= now) this.#stretches.delete(end);
  }
}

function full(code: 'too_many_requests' | 'temporarily_unavailable'): OAuthError {
  return new OAuthError(code, 'proof_memory_full', { retryAfter: STRETCH_SECONDS });
}
