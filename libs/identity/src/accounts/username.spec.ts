import { describe, expect, it } from '@jest/globals';
import { normaliseUsername } from './username.js';

describe('normaliseUsername', () => {
  it('makes spellings of one name equal: case, width, composition, blanks around it', () => {
    for (const spelling of ['Zoë@Example.com', '  zoë@example.com\n', 'ZOE\u0308@EXAMPLE.COM', 'ｚｏë＠example.com'])
      expect(normaliseUsername(spelling)).toBe('zoë@example.com');
  });

  it('keeps letters of any script', () => {
    expect(normaliseUsername('李雷')).toBe('李雷');
    expect(normaliseUsername('Άννα')).toBe('άννα');
  });

  it('gives the same result when applied twice', () => {
    for (const text of ['İstanbul', 'ß', 'ẞ', 'ﬁona', 'K', 'ΑΣ']) {
      const once = normaliseUsername(text);
      expect(once).toBeDefined();
      expect(normaliseUsername(once!)).toBe(once);
    }
  });

  it.each([
    ['nothing', ''],
    ['blanks alone', ' \u3000\t'],
    ['a blank inside', 'anna b'],
    ['a no-break space inside', 'anna\u00a0b'],
    ['a NUL', 'anna\u0000'],
    ['a line break inside', 'an\nna'],
    ['a zero-width space', 'an\u200bna'],
    ['a text direction override', 'anna\u202ebob'],
    ['a soft hyphen', 'an\u00adna'],
    ['half a surrogate pair', 'anna\ud800'],
    ['a private-use character', 'anna\ue000'],
    ['a filler that looks like nothing', 'anna\u3164'],
    ['more than 128 characters', 'a'.repeat(129)],
    ['a text that grows when normalised', '\ufdfa'.repeat(100)],
    ['megabytes', 'a'.repeat(5_000_000)],
  ])('knows no name with %s', (_, text) => {
    expect(normaliseUsername(text)).toBeUndefined();
  });

  it('takes a name of 128 characters, also beyond the basic plane', () => {
    expect(normaliseUsername('a'.repeat(128))).toBe('a'.repeat(128));
    expect(normaliseUsername('𝟘'.repeat(128))).toBe('0'.repeat(128));
  });
});
