/** Clients at work: each refreshes its tokens again and again, as fast as it is answered, and asks again when it is not. */
import { type Answer, type Connected, type OAuthFlow, pause, tokensOf } from '@gatehouse/test-kit';

interface Trouble {
  /** Status and error code, or what the connection died of. */
  readonly what: string;
  readonly at: number;
}

export interface LoadReport {
  readonly requests: number;
  readonly troubles: readonly Trouble[];
  /** Clients that were told that their tokens are good for nothing. */
  readonly lost: readonly string[];
  /** Milliseconds, of answered requests. */
  readonly slowest: number;
}

export class Load {
  readonly #flow: OAuthFlow;
  readonly #clients: Connected[];
  readonly #tokens: string[];
  #running = false;
  #workers: Promise<void>[] = [];
  #requests = 0;
  #slowest = 0;
  #troubles: Trouble[] = [];
  #lost: string[] = [];

  constructor(flow: OAuthFlow, clients: readonly Connected[]) {
    this.#flow = flow;
    this.#clients = [...clients];
    this.#tokens = clients.map(({ tokens }) => tokens.refresh_token);
  }

  start(): void {
    this.#running = true;
    this.#requests = 0;
    this.#slowest = 0;
    this.#troubles = [];
    this.#lost = [];
    this.#workers = this.#clients.map((_, index) => this.#work(index));
  }

  get troubles(): readonly Trouble[] {
    return this.#troubles;
  }

  async stop(): Promise<LoadReport> {
    this.#running = false;
    await Promise.all(this.#workers);
    return { requests: this.#requests, troubles: this.#troubles, lost: this.#lost, slowest: Math.round(this.#slowest) };
  }

  async #work(index: number): Promise<void> {
    const client = this.#clients[index];
    if (!client) return;
    while (this.#running) {
      const began = performance.now();
      this.#requests += 1;
      let answer: Answer;
      try {
        answer = await this.#flow.refresh(client, this.#tokens[index] ?? '');
      } catch (error) {
        this.#troubles.push({ what: error instanceof Error ? error.message : String(error), at: Date.now() });
        await pause(100);
        continue;
      }
      this.#slowest = Math.max(this.#slowest, performance.now() - began);
      if (answer.status === 200) this.#tokens[index] = tokensOf(answer).refresh_token;
      else {
        const what = `${String(answer.status)} ${answer.error ?? answer.text.slice(0, 60)}`;
        this.#troubles.push({ what, at: Date.now() });
        if (answer.status < 500) this.#lost.push(what);
        await pause(100);
      }
      // A client that is busy, not one that attacks.
      await pause(10);
    }
  }
}

/** "12 × 503 temporarily_unavailable, 1 × socket hang up" */
export function told(troubles: readonly Trouble[]): string {
  const counts = new Map<string, number>();
  for (const { what } of troubles) counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts].map(([what, count]) => `${String(count)} × ${what}`).join(', ') || 'none';
}
