/**
 * Sign-in by username and password. Attempts are counted before the password is looked at; an unknown name, a wrong
 * password and a disabled account cost the same work and get the same answer; every success is a new session id.
 */
import type { AuditEvent, AuditLog } from '@gatehouse/audit';
import { type AccountId, type Clock, OAuthError } from '@gatehouse/protocol';
import type { Account } from '../accounts/account.js';
import type { AccountStore } from '../accounts/account.store.js';
import { normaliseUsername } from '../accounts/username.js';
import type { AttemptCounter } from '../attempts/attempt-counter.js';
import type { PasswordHasher } from '../passwords/password-hasher.js';
import { isVerifiablePassword, normalisePassword } from '../passwords/password-rule.js';
import type { Place } from '../factors/pending-sign-in.store.js';
import type { SecondStep } from '../factors/second-step.js';
import type { Directories } from '../sso/directories.js';
import type { IdentityProvider } from '../sso/identity-provider.js';
import type { SessionStore } from '../sessions/session.store.js';
import { BY_PASSWORD } from './authentication.js';
import type { KnownBrowsers } from './known-browsers.js';
import { type AttemptOrigin, type Lock, SignInAttempts, secondsUntil } from './sign-in-attempts.js';
import { SessionStart, type SignedIn } from './session-start.js';
import { DEFAULT_SIGN_IN_POLICY, type LocalSignIn, type SignInPolicy } from './sign-in-policy.js';

export type { SignedIn } from './session-start.js';

export interface SignInParts {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly attempts: AttemptCounter;
  readonly hasher: PasswordHasher;
  readonly audit: AuditLog;
  readonly browsers: KnownBrowsers;
  readonly clock: Clock;
  readonly policy?: SignInPolicy;
  /** Absent: a password is all there is. */
  readonly secondStep?: SecondStep;
  /** Absent: passwords are checked here only. */
  readonly directories?: Directories;
}

export interface SignInInput {
  readonly username: string;
  readonly password: string;
  /** What attempts are counted under: the platform's `networkKey` of the peer's address. */
  readonly network: string;
  /** The mark that an earlier sign-in left in this browser, worth something or not. */
  readonly knownBrowser?: string | undefined;
  /** What kind of browser it is, in few words. */
  readonly agent?: string | undefined;
  /** Session cookie the browser came with. It ends, whatever it was worth. */
  readonly previousSession?: string | undefined;
}

/** Where a second step can follow, and whether a client asks for one whatever the account has. */
export interface FirstStep extends SignInInput {
  readonly at: Place & { readonly strong?: boolean };
}

export class SignIn {
  readonly #parts: SignInParts;
  readonly #policy: SignInPolicy;
  readonly #attempts: SignInAttempts;
  readonly #start: SessionStart;

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#policy = parts.policy ?? DEFAULT_SIGN_IN_POLICY;
    this.#attempts = new SignInAttempts(parts.attempts, this.#policy);
    this.#start = new SessionStart({ ...parts, policy: this.#policy });
  }

  /**
   * @returns 'second_step': the password was right, and nobody is signed in yet
   * @throws OAuthError access_denied: the same whether name, password or standing is the reason
   * @throws OAuthError too_many_requests with the seconds to wait: too many attempts, or no room to verify another password
   */
  async signIn(input: FirstStep): Promise<SignedIn | 'second_step'>;
  async signIn(input: SignInInput): Promise<SignedIn>;
  async signIn(input: SignInInput & Partial<FirstStep>): Promise<SignedIn | 'second_step'> {
    const { accounts, hasher } = this.#parts;
    const { localSignIn = 'on' } = this.#policy;
    const username = normaliseUsername(input.username);
    const directory = username === undefined ? undefined : await this.#parts.directories?.responsibleFor(username);
    // Before anything is counted or hashed: there is nothing to find out.
    if (localSignIn === 'off' && !directory) throw new OAuthError('access_denied', 'local_sign_in_off');
    const from = { network: input.network, browser: this.#knownBrowser(username, input) };
    await this.#refuseWhenLocked(username, from);

    const account = username === undefined ? undefined : await accounts.findByUsername(username);
    // A name that has a password here is checked here and nowhere else; whoever came by the directory has none.
    const checkedHere = account?.passwordHash !== undefined && isAccepted(localSignIn, account);
    if (username !== undefined && directory && !checkedHere) return this.#byDirectory(directory, username, input, from);
    const verifiable = isVerifiablePassword(input.password);
    const password = verifiable ? normalisePassword(input.password) : '';
    const matches = await hasher.verify(verifiable ? account?.passwordHash : undefined, password);
    if (!account || username === undefined) return this.#fail('unknown_account');
    if (!matches) return this.#fail('wrong_password', account.id);
    // Only after the password: to others a disabled account looks like any other.
    if (account.disabledAt) return this.#fail('disabled_account', account.id);

    // After the password too: which accounts are the exception is worth knowing.
    if (localSignIn === 'break-glass' && account.breakGlass !== true)
      return this.#fail('local_sign_in_off', account.id);

    const outcome = await this.#goOn(account, input);
    await this.#attempts.forget(username, from);
    await this.#renewHash(account, password);
    return outcome;
  }

  /** Counted like every attempt; what the directory says of the name is told to nobody. */
  async #byDirectory(
    directory: IdentityProvider,
    username: string,
    { password, previousSession }: SignInInput,
    from: AttemptOrigin,
  ): Promise<SignedIn> {
    const signedIn = await this.#parts.directories?.signIn(directory, username, password, { previousSession });
    if (!signedIn) return this.#fail('wrong_password');
    await this.#attempts.forget(username, from);
    // For the name that is typed here, under which attempts are counted; the account may be called otherwise.
    return { ...signedIn, knownBrowser: this.#parts.browsers.mark(username) };
  }

  /** Whoever calls without a place for a second step gets no session past one. */
  async #goOn(
    account: Account,
    { at, previousSession, network, agent }: SignInInput & Partial<FirstStep>,
  ): Promise<SignedIn | 'second_step'> {
    const { secondStep } = this.#parts;
    if (!(await secondStep?.isNeeded(account.id, at?.strong ?? false)))
      return this.#start.start(account, BY_PASSWORD, { previousSession, network, agent });
    if (!secondStep || !at) throw new OAuthError('access_denied', 'no_pending_sign_in');
    await secondStep.begin(at, account.id);
    return 'second_step';
  }

  #knownBrowser(username: string | undefined, { knownBrowser: mark }: SignInInput): string | undefined {
    if (username === undefined || mark === undefined) return undefined;
    return this.#parts.browsers.recognises(mark, username) ? mark : undefined;
  }

  async #refuseWhenLocked(username: string | undefined, from: AttemptOrigin): Promise<void> {
    const now = this.#parts.clock.now();
    const lock = await this.#attempts.count(username, from, now);
    if (!lock) return;
    if (lock.first) await this.#recordLock(lock, username, now);
    throw new OAuthError('too_many_requests', 'too_many_attempts', { retryAfter: secondsUntil(lock.until, now) });
  }

  async #recordLock(lock: Lock, username: string | undefined, now: Date): Promise<void> {
    const { accounts, audit } = this.#parts;
    const account = username === undefined ? undefined : await accounts.findByUsername(username);
    const event: AuditEvent = {
      type: 'sign_in.locked',
      at: now,
      reason: 'too_many_attempts',
      detail: { limit: lock.limit },
    };
    await audit.record(account && lock.limit !== 'network' ? { ...event, accountId: account.id } : event);
  }

  /** The mark is written before the refusal is thrown. */
  async #fail(
    reason: 'unknown_account' | 'wrong_password' | 'disabled_account' | 'local_sign_in_off',
    accountId?: AccountId,
  ): Promise<never> {
    const event: AuditEvent = { type: 'sign_in.failed', at: this.#parts.clock.now(), reason };
    await this.#parts.audit.record(accountId === undefined ? event : { ...event, accountId });
    throw new OAuthError('access_denied', reason);
  }

  /** Best effort: the person is signed in, and the old hash is still good. The next sign-in tries again. */
  async #renewHash(account: Account, password: string): Promise<void> {
    const { accounts, hasher } = this.#parts;
    const stored = account.passwordHash;
    if (stored === undefined || !hasher.needsRehash(stored)) return;
    try {
      await accounts.setPassword(account.id, await hasher.hash(password), stored);
    } catch {
      return;
    }
  }
}

function isAccepted(localSignIn: LocalSignIn, { breakGlass }: Account): boolean {
  return localSignIn === 'on' || (localSignIn === 'break-glass' && breakGlass === true);
}
