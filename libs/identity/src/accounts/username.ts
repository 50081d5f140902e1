const MAX_LENGTH = 128;

/**
 * The form in which usernames are stored and compared: NFKC, lower case, no blanks at the ends. Undefined for what can
 * be no username: empty, too long, with blanks inside, or with characters that are invisible or steer the text (they
 * would let two names look alike).
 */
export function normaliseUsername(text: string): string | undefined {
  if (!text.isWellFormed() || text.length > 4 * MAX_LENGTH) return undefined;
  const name = text.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
  if (name === '' || Array.from(name).length > MAX_LENGTH) return undefined;
  return /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u.test(name) ? undefined : name;
}
