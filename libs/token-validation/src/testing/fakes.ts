import { Clock, OAuthError } from '@gatehouse/protocol';
import { KeySetSource } from '../keys/issuer-keys.js';
import { type LiveToken, TokenLiveness } from '../liveness/token-liveness.js';

export class StoppedClock extends Clock {
  constructor(private at = new Date('2026-08-01T12:00:00Z')) {
    super();
  }

  override now(): Date {
    return this.at;
  }

  advance(seconds: number): void {
    this.at = new Date(this.at.getTime() + seconds * 1000);
  }
}

/** Counts how often the issuer is asked, and can be down. */
export class MemoryKeySetSource extends KeySetSource {
  requests = 0;
  down = false;

  constructor(public keys: readonly object[] = []) {
    super();
  }

  override async fetch(): Promise<unknown> {
    this.requests += 1;
    await Promise.resolve();
    if (this.down) throw new Error('connection refused');
    return { keys: this.keys };
  }
}

export class StubLiveness extends TokenLiveness {
  questions = 0;
  readonly dead = new Set<string>();
  /** What it says of the binding of every token. */
  boundTo: string | undefined;
  down = false;

  override async ask(token: string): Promise<LiveToken | undefined> {
    this.questions += 1;
    await Promise.resolve();
    if (this.down) throw new OAuthError('temporarily_unavailable', 'issuer_unavailable');
    if (this.dead.has(token)) return undefined;
    return this.boundTo === undefined ? {} : { boundTo: this.boundTo };
  }
}
