import { type AccountId, type Clock, after, newSecret, tokenHash } from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import type { Account } from '../accounts/account.js';
import type { Person, Session } from '../sessions/session.js';
import type { SessionStore } from '../sessions/session.store.js';
import type { Authentication } from './authentication.js';
import type { KnownBrowsers } from './known-browsers.js';
import type { SignInPolicy } from './sign-in-policy.js';

export interface SignedIn {
  /** Value of the session cookie; stored only as a hash. */
  readonly sessionId: string;
  readonly expiresAt: Date;
  /** For the browser to keep: by it the next attempts are counted apart from those of strangers. */
  readonly knownBrowser: string;
  readonly person: Person;
}

/** The browser that a session is for. */
export interface BrowserAtSignIn {
  /** Session cookie that it came with. That session ends, whatever it was worth. */
  readonly previousSession?: string | undefined;
  /** For its person to recognise the session by. */
  readonly network?: string | undefined;
  readonly agent?: string | undefined;
}

export interface SessionStartParts {
  readonly sessions: SessionStore;
  readonly browsers: KnownBrowsers;
  readonly clock: Clock;
  readonly policy: SignInPolicy;
}

/** The end of every local sign-in, however many steps it had: a new session id, and the old one is over. */
export class SessionStart {
  constructor(private readonly by: SessionStartParts) {}

  async start(
    account: Pick<Account, 'id' | 'username' | 'displayName' | 'breakGlass'>,
    how: Authentication,
    { previousSession, network, agent }: BrowserAtSignIn,
  ): Promise<SignedIn> {
    const now = this.by.clock.now();
    const sessionId = newSecret('ghw_');
    const expiresAt = after(now, this.by.policy.sessionLifetime);
    const accountId: AccountId = account.id;
    const signedIn = { accountId, authenticatedAt: now, ...how };
    const sid = await this.by.sessions.start(
      { ...signedIn, sid: randomUUID(), id: tokenHash(sessionId), expiresAt, ...originOf(network, agent) },
      previousSession === undefined ? undefined : tokenHash(previousSession),
      {
        type: 'sign_in.succeeded',
        at: now,
        accountId,
        // Worth an alarm wherever people are supposed to come through their provider.
        ...(account.breakGlass === true ? { detail: { breakGlass: true } } : {}),
      },
    );
    return {
      sessionId,
      expiresAt,
      knownBrowser: this.by.browsers.mark(account.username),
      person: { ...signedIn, sid, displayName: account.displayName },
    };
  }
}

function originOf(network: string | undefined, agent: string | undefined): Pick<Session, 'network' | 'browser'> {
  return { ...(network === undefined ? {} : { network }), ...(agent === undefined ? {} : { browser: agent }) };
}
