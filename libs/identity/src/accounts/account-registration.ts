/** Makes accounts: for the seed now, for an admin later. Nobody registers an account over the wire. */
import { randomUUID } from 'node:crypto';
import type { AccountId, Clock } from '@gatehouse/protocol';
import { isAcceptablePassword, normalisePassword } from '../passwords/password-rule.js';
import type { PasswordHasher } from '../passwords/password-hasher.js';
import type { Account } from './account.js';
import type { AccountStore } from './account.store.js';
import { type Email, isEmailAddress } from './email.js';
import { normaliseUsername } from './username.js';

export interface NewAccount {
  readonly username: string;
  readonly displayName: string;
  readonly password: string;
  readonly email?: Email | undefined;
}

export type AccountProblem =
  'unacceptable_username' | 'unacceptable_display_name' | 'unacceptable_password' | 'unacceptable_email';

export type RegistrationOutcome =
  | { readonly outcome: 'created'; readonly account: Account }
  | { readonly outcome: 'username_taken' }
  | { readonly outcome: 'refused'; readonly problem: AccountProblem };

export type PasswordChangeOutcome = 'changed' | 'unknown_account' | 'unacceptable_password';

export interface AccountRegistrationParts {
  readonly accounts: AccountStore;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
}

export class AccountRegistration {
  readonly #parts: AccountRegistrationParts;

  constructor(parts: AccountRegistrationParts) {
    this.#parts = parts;
  }

  /** Of parallel calls with one username one creates. @throws OAuthError too_many_requests when the hasher is busy */
  async register(input: NewAccount): Promise<RegistrationOutcome> {
    const { accounts, hasher, clock } = this.#parts;
    const username = normaliseUsername(input.username);
    const displayName = input.displayName.normalize('NFC').trim();
    if (username === undefined) return { outcome: 'refused', problem: 'unacceptable_username' };
    if (!isDisplayName(displayName)) return { outcome: 'refused', problem: 'unacceptable_display_name' };
    if (!isAcceptablePassword(input.password)) return { outcome: 'refused', problem: 'unacceptable_password' };
    if (input.email && !isEmailAddress(input.email.address))
      return { outcome: 'refused', problem: 'unacceptable_email' };
    const now = clock.now();
    const account: Account = {
      id: randomUUID() as AccountId,
      username,
      displayName,
      passwordHash: await hasher.hash(normalisePassword(input.password)),
      ...(input.email ? { email: input.email } : {}),
      createdAt: now,
    };
    const created = await accounts.create(account, { type: 'account.created', at: now, accountId: account.id });
    return created ? { outcome: 'created', account } : { outcome: 'username_taken' };
  }

  /** Sets the password of an account, whatever it was. @throws OAuthError too_many_requests when the hasher is busy */
  async setPassword(id: AccountId, password: string): Promise<PasswordChangeOutcome> {
    if (!isAcceptablePassword(password)) return 'unacceptable_password';
    const { accounts, hasher } = this.#parts;
    const changed = await accounts.setPassword(id, await hasher.hash(normalisePassword(password)));
    return changed ? 'changed' : 'unknown_account';
  }

  /** Sets or takes away the address. */
  async setEmail(id: AccountId, email: Email | undefined): Promise<'set' | 'unacceptable_email'> {
    if (email && !isEmailAddress(email.address)) return 'unacceptable_email';
    const at = this.#parts.clock.now();
    await this.#parts.accounts.setEmail(id, email, { type: 'account.changed', at, accountId: id });
    return 'set';
  }
}

/** Shown on the consent page: nothing invisible, nothing that turns the direction of the text around it. */
export function isDisplayName(text: string): boolean {
  return (
    text !== '' &&
    text.isWellFormed() &&
    Array.from(text).length <= 100 &&
    !/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u.test(text)
  );
}
