/**
 * A factor that is on its way: shown to a person, not yet proved by them. Its secret waits sealed in the form, bound to
 * the account and the browser, for ten minutes; nothing is stored until a code has shown that the app has it.
 */
import { type AccountId, type Clock, type TokenHash, after } from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import type { Vault } from '../sso/vault.js';
import type { CodeApp } from './factor.js';
import { base32, enrolmentUri, newCodeSecret, stepOfCode } from './one-time-codes.js';

const LIFETIME = 600;

export interface Enrolment {
  readonly sealed: string;
  /** To be typed by hand. */
  readonly secret: string;
  readonly uri: string;
}

interface Sealed {
  readonly id: string;
  readonly secret: string;
  readonly expiresAt: number;
}

export interface Enrolled {
  readonly factor: CodeApp;
  /** The code is spent with the enrolment: it does not sign anybody in. */
  readonly step: number;
}

export class Enrolments {
  constructor(private readonly by: { readonly issuer: string; readonly vault: Vault; readonly clock: Clock }) {}

  offer(accountId: AccountId, username: string, browser: TokenHash): Enrolment {
    const secret = newCodeSecret();
    return this.#offered(
      { id: randomUUID(), secret, expiresAt: after(this.by.clock.now(), LIFETIME) },
      accountId,
      username,
      browser,
    );
  }

  /** The same once more, after a code that did not fit. Undefined: too old, or not for this person in this browser. */
  again(sealed: string, accountId: AccountId, username: string, browser: TokenHash): Enrolment | undefined {
    const opened = this.#open(sealed, accountId, browser);
    return opened && this.#offered(opened, accountId, username, browser);
  }

  /** Undefined: the code is not that of the secret, or the enrolment is too old or somebody else's. */
  complete(
    { sealed, code, name }: { readonly sealed: string; readonly code: string; readonly name: string },
    accountId: AccountId,
    browser: TokenHash,
  ): Enrolled | undefined {
    const opened = this.#open(sealed, accountId, browser);
    const now = this.by.clock.now();
    const step = opened && stepOfCode(opened.secret, code, now);
    if (!opened || step === undefined) return undefined;
    const sealedSecret = this.by.vault.seal(opened.secret, contextOf(accountId, opened.id));
    return { factor: { kind: 'totp', id: opened.id, accountId, name, sealedSecret, createdAt: now }, step };
  }

  secretOf({ accountId, id, sealedSecret }: CodeApp): Uint8Array {
    return this.by.vault.open(sealedSecret, contextOf(accountId, id));
  }

  #offered(
    { id, secret, expiresAt }: { id: string; secret: Uint8Array; expiresAt: Date },
    accountId: AccountId,
    username: string,
    browser: TokenHash,
  ): Enrolment {
    const text = base32(secret);
    const value: Sealed = { id, secret: Buffer.from(secret).toString('base64url'), expiresAt: expiresAt.getTime() };
    return {
      sealed: this.by.vault.seal(Buffer.from(JSON.stringify(value)), `enrolment:${accountId}:${browser}`),
      secret: (text.match(/.{1,4}/g) ?? []).join(' '),
      uri: enrolmentUri(secret, new URL(this.by.issuer).host, username),
    };
  }

  #open(sealed: string, accountId: AccountId, browser: TokenHash) {
    let value: Sealed;
    try {
      value = JSON.parse(
        Buffer.from(this.by.vault.open(sealed, `enrolment:${accountId}:${browser}`)).toString(),
      ) as Sealed;
    } catch {
      // Made up, altered, or of another account or browser: which of them is nobody's business.
      return undefined;
    }
    if (value.expiresAt <= this.by.clock.now().getTime()) return undefined;
    return {
      id: value.id,
      secret: new Uint8Array(Buffer.from(value.secret, 'base64url')),
      expiresAt: new Date(value.expiresAt),
    };
  }
}

function contextOf(accountId: AccountId, id: string): string {
  return `factor:${accountId}:${id}`;
}
