/** Who a browser is signed in as, and signing out. */
import { type Clock, tokenHash } from '@gatehouse/protocol';
import type { Person, ShownSession } from './session.js';
import type { SessionStore } from './session.store.js';

export interface SessionsParts {
  readonly sessions: SessionStore;
  readonly clock: Clock;
}

export class Sessions {
  readonly #parts: SessionsParts;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
  }

  /** Undefined: no cookie, unknown, ended, expired, or the account was disabled since. */
  async currentPerson(sessionId: string | undefined): Promise<Person | undefined> {
    if (sessionId === undefined || !looksLikeOurs(sessionId)) return undefined;
    const found = await this.#parts.sessions.find(tokenHash(sessionId), this.#parts.clock.now());
    if (!found) return undefined;
    const { accountId, authenticatedAt, sid, acr, amr } = found.session;
    return { accountId, authenticatedAt, sid, acr, amr, displayName: found.displayName };
  }

  list({ accountId }: Person): Promise<readonly ShownSession[]> {
    return this.#parts.sessions.list(accountId, this.#parts.clock.now());
  }

  /** One of the person's own, or all others. Returns how many there were. */
  async endOf({ accountId, sid }: Person, which: { readonly only: string } | 'others'): Promise<number> {
    const audit = { type: 'session.ended', at: this.#parts.clock.now(), accountId } as const;
    return this.#parts.sessions.endOf(accountId, which === 'others' ? { allBut: sid } : which, audit);
  }

  /** Ends the session; one that is over already is left as it is. */
  async signOut(sessionId: string | undefined): Promise<void> {
    const person = await this.currentPerson(sessionId);
    if (sessionId === undefined || !person) return;
    await this.#parts.sessions.end(tokenHash(sessionId), {
      type: 'session.ended',
      at: this.#parts.clock.now(),
      accountId: person.accountId,
    });
  }
}

/** Anything else a browser sends is not worth a question to the store. */
function looksLikeOurs(text: string): boolean {
  return /^ghw_[A-Za-z0-9_-]{43}$/.test(text);
}
