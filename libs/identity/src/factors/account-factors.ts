/**
 * What a signed-in person changes of what guards their account. Each change wants a sign-in of the last ten minutes, and by
 * a second factor if there is one: neither a browser left open nor a password that somebody has seen is enough.
 */
import { type AccountId, type Clock, OAuthError, type TokenHash, satisfies, tokenHash } from '@gatehouse/protocol';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Account } from '../accounts/account.js';
import type { AccountStore } from '../accounts/account.store.js';
import type { AttemptCounter } from '../attempts/attempt-counter.js';
import type { Person } from '../sessions/session.js';
import type { Vault } from '../sso/vault.js';
import type { Enrolment, Enrolments } from './enrolments.js';
import { type Factor, type SecondFactorRule, factorName } from './factor.js';
import type { FactorStore } from './factor.store.js';
import type { CeremonyOptions, PasskeyCeremonies } from './passkey-ceremonies.js';
import type { RecoveryCodes } from './recovery-codes.js';

const FRESH_SECONDS = 600;
const CHALLENGE_LIFETIME = 600;
const WRONG_CODES = { limit: 20, window: 900 };

export interface AccountFactorsParts {
  readonly rule: SecondFactorRule;
  readonly accounts: AccountStore;
  readonly factors: FactorStore;
  readonly enrolments: Enrolments;
  readonly recoveryCodes: RecoveryCodes;
  readonly passkeys: PasskeyCeremonies;
  readonly attempts: AttemptCounter;
  readonly vault: Vault;
  readonly clock: Clock;
}

export interface FactorsView {
  readonly factors: readonly Factor[];
  readonly recoveryCodesLeft: number;
  /** What an identity provider lets in needs no factor here. */
  readonly mayAdd: boolean;
  readonly mayAddPasskey: boolean;
  readonly mustKeepOne: boolean;
}

export class AccountFactors {
  constructor(private readonly by: AccountFactorsParts) {}

  async view({ accountId }: Person): Promise<FactorsView> {
    const [factors, recoveryCodesLeft, account] = await Promise.all([
      this.by.factors.list(accountId),
      this.by.factors.recoveryCodesLeft(accountId),
      this.by.accounts.find(accountId),
    ]);
    const mayAdd = this.by.rule !== 'off' && account?.passwordHash !== undefined;
    const mayAddPasskey = mayAdd && this.by.passkeys.available;
    return { factors, recoveryCodesLeft, mayAdd, mayAddPasskey, mustKeepOne: this.by.rule === 'required' };
  }

  /** Whether this person may change something now; else they sign in once more. */
  async mayChange(person: Person): Promise<boolean> {
    if (!isFresh(person, this.by.clock.now())) return false;
    return (
      satisfies(person.acr, ['urn:gatehouse:acr:2fa']) || (await this.by.factors.list(person.accountId)).length === 0
    );
  }

  async offerApp(person: Person, browser: TokenHash): Promise<Enrolment> {
    const { id, username } = await this.#requireOwner(person);
    return this.by.enrolments.offer(id, username, browser);
  }

  async offerAppAgain(person: Person, browser: TokenHash, sealed: string): Promise<Enrolment | undefined> {
    const { id, username } = await this.#requireOwner(person);
    return this.by.enrolments.again(sealed, id, username, browser);
  }

  /** @returns recovery codes with the first factor @throws OAuthError access_denied (stale_sign_in, wrong_second_factor) */
  async addApp(
    person: Person,
    browser: TokenHash,
    typed: { readonly sealed: string; readonly code: string; readonly name: string },
  ): Promise<readonly string[]> {
    const account = await this.#requireOwner(person);
    const now = this.by.clock.now();
    if (await this.by.attempts.count(tokenHash(`enrol:${account.id}`), WRONG_CODES, now))
      throw new OAuthError('too_many_requests', 'too_many_attempts', { retryAfter: WRONG_CODES.window });
    const name = factorName(typed.name) ?? 'Authenticator app';
    const enrolled = this.by.enrolments.complete({ ...typed, name }, account.id, browser);
    if (!enrolled) throw new OAuthError('access_denied', 'wrong_second_factor');
    return this.#add(account.id, enrolled.factor, enrolled.step);
  }

  async offerPasskey(
    person: Person,
    browser: TokenHash,
  ): Promise<{ readonly options: CeremonyOptions; readonly sealed: string }> {
    const account = await this.#requireOwner(person);
    const known = (await this.by.factors.list(account.id)).filter((factor) => factor.kind === 'passkey');
    const challenge = randomBytes(32).toString('base64url');
    const expiresAt = this.by.clock.now().getTime() + CHALLENGE_LIFETIME * 1000;
    const options = await this.by.passkeys.askForNew({
      accountId: account.id,
      username: account.username,
      displayName: account.displayName,
      challenge,
      known,
    });
    const sealed = this.by.vault.seal(
      Buffer.from(JSON.stringify({ challenge, expiresAt })),
      passkeyContext(account.id, browser),
    );
    return { options, sealed };
  }

  /** An answer counts once, for its key can be there once. @throws OAuthError access_denied */
  async addPasskey(
    person: Person,
    browser: TokenHash,
    typed: { readonly sealed: string; readonly response: string; readonly name: string },
  ): Promise<readonly string[]> {
    const account = await this.#requireOwner(person);
    const challenge = this.#challengeOf(typed.sealed, account.id, browser);
    const key = challenge === undefined ? undefined : await this.by.passkeys.newKey(typed.response, challenge);
    if (!key) throw new OAuthError('access_denied', 'wrong_second_factor');
    const name = factorName(typed.name) ?? 'Passkey';
    const createdAt = this.by.clock.now();
    return this.#add(account.id, { kind: 'passkey', id: randomUUID(), accountId: account.id, name, createdAt, ...key });
  }

  async rename(person: Person, id: string, text: string): Promise<void> {
    const { accountId } = await this.#requireChange(person);
    const name = factorName(text);
    if (name === undefined) throw new OAuthError('invalid_request', 'malformed_request');
    await this.by.factors.rename(accountId, id, name, { type: 'factor.renamed', at: this.by.clock.now(), accountId });
  }

  /** @throws OAuthError access_denied (stale_sign_in, factor_not_removable) */
  async remove(person: Person, id: string): Promise<void> {
    const { accountId } = await this.#requireChange(person);
    const audit = { type: 'factor.removed', at: this.by.clock.now(), accountId } as const;
    if (!(await this.by.factors.remove(accountId, id, this.by.rule === 'required', audit)))
      throw new OAuthError('access_denied', 'factor_not_removable');
  }

  /** @throws OAuthError access_denied (stale_sign_in) */
  async newRecoveryCodes(person: Person): Promise<readonly string[]> {
    const { accountId } = await this.#requireChange(person);
    if ((await this.by.factors.list(accountId)).length === 0)
      throw new OAuthError('invalid_request', 'malformed_request');
    const { codes, hashes } = this.by.recoveryCodes.issue(accountId);
    const audit = { type: 'recovery_codes.replaced', at: this.by.clock.now(), accountId } as const;
    await this.by.factors.replaceRecoveryCodes(accountId, hashes, audit);
    return codes;
  }

  async #add(accountId: AccountId, factor: Factor, spentStep?: number): Promise<readonly string[]> {
    const isFirst = (await this.by.factors.list(accountId)).length === 0;
    const { codes, hashes } = isFirst ? this.by.recoveryCodes.issue(accountId) : { codes: [], hashes: undefined };
    const added = await this.by.factors.add(
      {
        factor,
        // Another one that came in between is no reason to replace its codes: then this page is shown once more.
        onlyAsFirst: isFirst,
        ...(spentStep === undefined ? {} : { spentStep }),
        ...(hashes ? { recoveryCodes: hashes } : {}),
      },
      { type: 'factor.added', at: factor.createdAt, accountId, detail: { kind: factor.kind, at: 'account' } },
    );
    if (!added) throw new OAuthError('access_denied', 'factor_exists');
    return codes;
  }

  async #requireChange(person: Person): Promise<Person> {
    if (!(await this.mayChange(person))) throw new OAuthError('access_denied', 'stale_sign_in');
    return person;
  }

  async #requireOwner(person: Person): Promise<Account> {
    await this.#requireChange(person);
    const account = await this.by.accounts.find(person.accountId);
    if (this.by.rule === 'off' || account?.passwordHash === undefined)
      throw new OAuthError('access_denied', 'local_sign_in_off');
    return account;
  }

  #challengeOf(sealed: string, accountId: AccountId, browser: TokenHash): string | undefined {
    try {
      const opened = Buffer.from(this.by.vault.open(sealed, passkeyContext(accountId, browser))).toString();
      const { challenge, expiresAt } = JSON.parse(opened) as { challenge: string; expiresAt: number };
      return expiresAt > this.by.clock.now().getTime() ? challenge : undefined;
    } catch {
      return undefined;
    }
  }
}

export function isFresh({ authenticatedAt }: Person, now: Date): boolean {
  return now.getTime() - authenticatedAt.getTime() <= FRESH_SECONDS * 1000;
}

function passkeyContext(accountId: AccountId, browser: TokenHash): string {
  return `new-passkey:${accountId}:${browser}`;
}
