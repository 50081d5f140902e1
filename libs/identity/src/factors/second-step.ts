/**
 * The second step of a local sign-in. Between the steps there is no session, only a record of the browser and the place
 * it is at; it is over with the first success, and in five minutes. Guesses are counted by account before they are looked
 * at, and only who has shown the password gets to count. A browser that the person signed in with before counts apart,
 * so that a thief of the password cannot use up its attempts.
 */
import type { AuditLog } from '@gatehouse/audit';
import { type AccountId, type Clock, OAuthError, type RefusalReason, after, tokenHash } from '@gatehouse/protocol';
import { randomBytes } from 'node:crypto';
import type { Account } from '../accounts/account.js';
import type { AccountStore } from '../accounts/account.store.js';
import type { AttemptCounter } from '../attempts/attempt-counter.js';
import type { Authentication } from '../sign-in/authentication.js';
import type { KnownBrowsers } from '../sign-in/known-browsers.js';
import type { BrowserAtSignIn, SessionStart, SignedIn } from '../sign-in/session-start.js';
import { secondsUntil } from '../sign-in/sign-in-attempts.js';
import type { Enrolment, Enrolments } from './enrolments.js';
import { type CodeApp, type Factor, type Passkey, type SecondFactorRule, factorName } from './factor.js';
import type { FactorStore } from './factor.store.js';
import { stepOfCode } from './one-time-codes.js';
import type { CeremonyOptions, PasskeyCeremonies } from './passkey-ceremonies.js';
import type { PendingSignIn, PendingSignInStore, Place } from './pending-sign-in.store.js';
import type { RecoveryCodes } from './recovery-codes.js';

/** Seconds between the steps. */
const PENDING_LIFETIME = 300;
/**
 * Three codes of a million are right at any time. 50 guesses a day: after a year the odds of a thief of the password are one in 20,
 * with a `sign_in.locked` on record for every day.
 */
const LIMITS = [
  { limit: 10, window: 900 },
  { limit: 50, window: 86_400 },
] as const;

const LEVEL = 'urn:gatehouse:acr:2fa' as const;
const BY_CODE: Authentication = { acr: LEVEL, amr: ['pwd', 'otp'] };
const BY_RECOVERY_CODE: Authentication = { acr: LEVEL, amr: ['pwd', 'recovery'] };
const BY_PASSWORD_AND_PASSKEY: Authentication = { acr: LEVEL, amr: ['pwd', 'hwk', 'user'] };
/** The key, and what unlocks it on the device. */
const BY_PASSKEY: Authentication = { acr: LEVEL, amr: ['hwk', 'user'] };

export interface SecondStepParts {
  readonly rule: SecondFactorRule;
  readonly accounts: AccountStore;
  readonly factors: FactorStore;
  readonly pending: PendingSignInStore;
  readonly attempts: AttemptCounter;
  readonly browsers: KnownBrowsers;
  readonly enrolments: Enrolments;
  readonly recoveryCodes: RecoveryCodes;
  readonly passkeys: PasskeyCeremonies;
  readonly sessionStart: SessionStart;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** Where a browser is, and what it brought. */
export interface SecondStepVisit extends Place, BrowserAtSignIn {
  readonly knownBrowser?: string | undefined;
  readonly previousSession?: string | undefined;
}

/** What the page of the second step has to know. */
export interface SecondStepView {
  readonly account: Pick<Account, 'id' | 'username' | 'displayName'>;
  readonly factors: readonly Factor[];
  readonly challenge: string;
}

interface Found extends SecondStepView {
  readonly pending: PendingSignIn;
}

export class SecondStep {
  constructor(private readonly by: SecondStepParts) {}

  /** For the page: what the browser hands to the person's authenticator. */
  async passkeyOptions(view: SecondStepView): Promise<CeremonyOptions | undefined> {
    const passkeys = view.factors.filter((factor) => factor.kind === 'passkey');
    return passkeys.length === 0 ? undefined : this.by.passkeys.ask(view.challenge, passkeys);
  }

  /** Before anybody has said who they are: any key of this server will do. */
  async beginWithPasskey(at: Place): Promise<CeremonyOptions> {
    if (this.by.rule === 'off') throw new OAuthError('access_denied', 'no_pending_sign_in');
    return this.by.passkeys.ask((await this.begin(at)).challenge, []);
  }

  get rule(): SecondFactorRule {
    return this.by.rule;
  }

  /** Whether the password alone will not do, for this account or for what a client asks. */
  async isNeeded(accountId: AccountId, strong: boolean): Promise<boolean> {
    if (this.by.rule === 'off') return false;
    return strong || this.by.rule === 'required' || (await this.by.factors.list(accountId)).length > 0;
  }

  async begin(at: Place, accountId?: AccountId): Promise<PendingSignIn> {
    const pending: PendingSignIn = {
      place: at.place,
      browser: at.browser,
      challenge: randomBytes(32).toString('base64url'),
      expiresAt: after(this.by.clock.now(), PENDING_LIFETIME),
      ...(accountId === undefined ? {} : { accountId }),
    };
    await this.by.pending.begin(pending);
    return pending;
  }

  /** Undefined: no password was right here, or it is too long ago. */
  async find(at: Place): Promise<SecondStepView | undefined> {
    if (this.by.rule === 'off') return undefined;
    const pending = await this.by.pending.find(at, this.by.clock.now());
    return pending?.accountId === undefined ? undefined : this.#found(pending, pending.accountId);
  }

  /** @throws OAuthError access_denied (wrong_second_factor), too_many_requests */
  async proveByCode(visit: SecondStepVisit, typed: string): Promise<SignedIn> {
    const found = await this.#require(visit);
    await this.#count('code', found, visit);
    const now = this.by.clock.now();
    for (const app of found.factors.filter((factor): factor is CodeApp => factor.kind === 'totp')) {
      const step = stepOfCode(this.by.enrolments.secretOf(app), typed, now);
      // A code that was used, whoever used it, is as wrong as any other.
      if (step !== undefined && (await this.by.factors.useStep(app.id, step, now)))
        return this.#finish(found, BY_CODE, visit);
    }
    return this.#fail(found.account.id, 'wrong_second_factor');
  }

  /** @throws OAuthError access_denied (wrong_second_factor), too_many_requests */
  async proveByRecoveryCode(visit: SecondStepVisit, typed: string): Promise<SignedIn> {
    const found = await this.#require(visit);
    await this.#count('recovery', found, visit);
    const { id } = found.account;
    const hashes = this.by.recoveryCodes.hashesOf(id, typed);
    const audit = { type: 'recovery_code.used', at: this.by.clock.now(), accountId: id } as const;
    // Without a factor there is nothing that a code could stand for.
    const known = found.factors.length > 0 && hashes.length > 0;
    if (known && (await this.by.factors.useRecoveryCode(id, hashes, audit)))
      return this.#finish(found, BY_RECOVERY_CODE, visit);
    return this.#fail(id, 'wrong_second_factor');
  }

  /** After the password, one of this account's keys. Not counted: there is nothing to guess. @throws OAuthError access_denied */
  async proveByPasskey(visit: SecondStepVisit, response: string): Promise<SignedIn> {
    const found = await this.#require(visit);
    const passkey = await this.#passkeyOf(response, found.challenge);
    if (passkey?.accountId !== found.account.id) return this.#fail(found.account.id, 'wrong_second_factor');
    return this.#finish(found, BY_PASSWORD_AND_PASSKEY, visit);
  }

  /** Without name and password: the key says whose it is. @throws OAuthError access_denied */
  async signInByPasskey(
    visit: SecondStepVisit,
    response: string,
    mayUse: (account: Account) => boolean,
  ): Promise<SignedIn> {
    const pending = await this.by.pending.find(visit, this.by.clock.now());
    if (this.by.rule === 'off' || pending?.accountId !== undefined || !pending)
      throw new OAuthError('access_denied', 'no_pending_sign_in');
    const passkey = await this.#passkeyOf(response, pending.challenge);
    const account = passkey && (await this.by.accounts.find(passkey.accountId));
    if (!account) return this.#fail(undefined, 'wrong_second_factor');
    if (account.disabledAt) return this.#fail(account.id, 'disabled_account');
    // An account of an identity provider comes by way of that.
    if (account.passwordHash === undefined || !mayUse(account)) return this.#fail(account.id, 'local_sign_in_off');
    return this.#finish({ pending, account, factors: [passkey], challenge: pending.challenge }, BY_PASSKEY, visit);
  }

  /** Only where there is no factor yet: else a thief of the password would bring his own. @throws OAuthError */
  async offerEnrolment(at: Place): Promise<Enrolment> {
    const { account, factors } = await this.#require(at);
    if (factors.length > 0) throw new OAuthError('access_denied', 'factor_exists');
    return this.by.enrolments.offer(account.id, account.username, at.browser);
  }

  async offerAgain(at: Place, sealed: string): Promise<Enrolment | undefined> {
    const found = await this.find(at);
    return found?.factors.length === 0
      ? this.by.enrolments.again(sealed, found.account.id, found.account.username, at.browser)
      : undefined;
  }

  /** @throws OAuthError access_denied (wrong_second_factor, factor_exists), too_many_requests */
  async enrol(
    visit: SecondStepVisit,
    typed: { readonly sealed: string; readonly code: string },
  ): Promise<{ readonly signedIn: SignedIn; readonly recoveryCodes: readonly string[] }> {
    const found = await this.#require(visit);
    await this.#count('enrolment', found, visit);
    const { account } = found;
    if (found.factors.length > 0) return this.#fail(account.id, 'factor_exists');
    const name = factorName('Authenticator app') ?? '';
    const enrolled = this.by.enrolments.complete({ ...typed, name }, account.id, visit.browser);
    if (!enrolled) return this.#fail(account.id, 'wrong_second_factor');
    const { codes, hashes } = this.by.recoveryCodes.issue(account.id);
    const { factor, step } = enrolled;
    const added = await this.by.factors.add(
      { factor, onlyAsFirst: true, spentStep: step, recoveryCodes: hashes },
      {
        type: 'factor.added',
        at: factor.createdAt,
        accountId: account.id,
        detail: { kind: factor.kind, at: 'sign-in' },
      },
    );
    if (!added) return this.#fail(account.id, 'factor_exists');
    return { signedIn: await this.#finish(found, BY_CODE, visit), recoveryCodes: codes };
  }

  async #passkeyOf(response: string, challenge: string): Promise<Passkey | undefined> {
    const credentialId = this.by.passkeys.credentialOf(response);
    const passkey = credentialId === undefined ? undefined : await this.by.factors.findPasskey(credentialId);
    const counter = passkey && (await this.by.passkeys.counterOf(response, challenge, passkey));
    if (!passkey || counter === undefined) return undefined;
    return (await this.by.factors.usePasskey(passkey.id, counter, this.by.clock.now())) ? passkey : undefined;
  }

  async #found(pending: PendingSignIn, accountId: AccountId): Promise<Found | undefined> {
    const [account, factors] = await Promise.all([this.by.accounts.find(accountId), this.by.factors.list(accountId)]);
    return account && !account.disabledAt ? { pending, account, factors, challenge: pending.challenge } : undefined;
  }

  /** @throws OAuthError access_denied (no_pending_sign_in) */
  async #require(at: Place): Promise<Found> {
    const pending = this.by.rule === 'off' ? undefined : await this.by.pending.find(at, this.by.clock.now());
    const found = pending?.accountId === undefined ? undefined : await this.#found(pending, pending.accountId);
    if (!found) throw new OAuthError('access_denied', 'no_pending_sign_in');
    return found;
  }

  async #count(what: string, { account }: Found, { knownBrowser: mark }: SecondStepVisit): Promise<void> {
    const now = this.by.clock.now();
    const known = mark !== undefined && this.by.browsers.recognises(mark, account.username) ? mark : 'strangers';
    for (const limit of LIMITS) {
      const key = tokenHash(`second-step:${JSON.stringify([what, account.id, known, limit.window])}`);
      const until = await this.by.attempts.count(key, limit, now);
      if (!until) continue;
      // Once in a lock: an attacker must not be able to write without end.
      const retryAfter = secondsUntil(until, now);
      if (!(await this.by.attempts.count(tokenHash(`recorded:${key}`), { limit: 1, window: retryAfter }, now)))
        await this.by.audit.record({
          type: 'sign_in.locked',
          at: now,
          accountId: account.id,
          reason: 'too_many_attempts',
          detail: { limit: 'second_step' },
        });
      throw new OAuthError('too_many_requests', 'too_many_attempts', { retryAfter });
    }
  }

  /** The record goes first: of two right answers at the same time one gets a session. */
  async #finish({ pending, account }: Found, how: Authentication, visit: SecondStepVisit): Promise<SignedIn> {
    if (!(await this.by.pending.take(pending, this.by.clock.now())))
      throw new OAuthError('access_denied', 'no_pending_sign_in');
    return this.by.sessionStart.start(account, how, visit);
  }

  /** The mark is written before the refusal is thrown. */
  async #fail(accountId: AccountId | undefined, reason: RefusalReason): Promise<never> {
    await this.by.audit.record({
      type: 'sign_in.failed',
      at: this.by.clock.now(),
      reason,
      ...(accountId === undefined ? {} : { accountId }),
      detail: { step: 'second' },
    });
    throw new OAuthError('access_denied', reason);
  }
}
