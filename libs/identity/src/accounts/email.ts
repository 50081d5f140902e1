/** An address of a person, and whether somebody saw to it that it is theirs. */
export interface Email {
  readonly address: string;
  readonly verified: boolean;
}

const LONGEST = 254;

/**
 * Not whether mail arrives there, only that it is one line of text with one @ between two parts. It is never what a person
 * is found by: two accounts may have the same one.
 */
export function isEmailAddress(text: string): boolean {
  return text.length <= LONGEST && text.isWellFormed() && /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(text);
}
