import type { AccountId } from '@gatehouse/protocol';

interface FactorOfAccount {
  readonly id: string;
  readonly accountId: AccountId;
  /** What its owner calls it. */
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
}

/** An app that shows a six-digit code which changes every half minute. @spec RFC 6238 §4 */
export interface CodeApp extends FactorOfAccount {
  readonly kind: 'totp';
  /** Sealed for this factor and account: in another row it does not open. */
  readonly sealedSecret: string;
}

/** A key pair whose private half never leaves its authenticator, which unlocks it by finger, face or PIN. */
export interface Passkey extends FactorOfAccount {
  readonly kind: 'passkey';
  readonly credentialId: string;
  /** COSE key. */
  readonly publicKey: Uint8Array;
  /** How often the authenticator says it was used; those that are synchronised stay at 0. */
  readonly counter: number;
}

/** Beside the password, what a person has. */
export type Factor = CodeApp | Passkey;

/** off: nobody has one, nobody is asked. optional: who has one is asked. required: who has none gets one at sign-in. */
export const SECOND_FACTOR_RULES = ['off', 'optional', 'required'] as const;
export type SecondFactorRule = (typeof SECOND_FACTOR_RULES)[number];

export const MOST_FACTORS = 10;

/** One line, as it will be shown to its owner. */
export function factorName(text: string): string | undefined {
  const name = text.normalize('NFC').trim();
  return /^[^\p{C}\p{Zl}\p{Zp}]{1,60}$/u.test(name) ? name : undefined;
}
