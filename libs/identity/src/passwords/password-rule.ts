const MIN_CHARACTERS = 12;
/** Hashing is not bounded by length, so we bound the length. */
const MAX_BYTES = 1024;

/** The whole rule, as a person is told it. Length is what counts; demands on characters make passwords worse. */
export const PASSWORD_RULE = `A password has at least ${MIN_CHARACTERS} characters and at most ${MAX_BYTES} bytes.`;

export function isAcceptablePassword(password: string): boolean {
  return isVerifiablePassword(password) && Array.from(normalisePassword(password)).length >= MIN_CHARACTERS;
}

/** Whether it can be anybody's password at all. Older rules may have allowed shorter ones. */
export function isVerifiablePassword(password: string): boolean {
  return password !== '' && password.isWellFormed() && Buffer.byteLength(normalisePassword(password)) <= MAX_BYTES;
}

/** Keyboards send the same letter in different code points; nothing else is changed, not even blanks. */
export function normalisePassword(password: string): string {
  return password.normalize('NFC');
}
