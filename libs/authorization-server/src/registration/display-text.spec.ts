import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { displayText } from './display-text.js';

describe('displayText', () => {
  it.each(['Claude Code (invoices)', 'Büro-Assistent', '株式会社 請求書', 'مساعد الفواتير', 'Łódź ŻŹ', 'नमस्ते'])(
    'leaves the honest name %s as it is',
    (name) => {
      expect(displayText(name)).toBe(name);
    },
  );

  it.each([
    ['Claude\u202Eedoc', 'Claudeedoc'],
    ['Clau\u200Bde', 'Claude'],
    ['Clau\u0000de\u0007', 'Claude'],
    ['\u2066Claude\u2069', 'Claude'],
    ['Claude\n\n\nhas been verified', 'Claude has been verified'],
    ['Claude\u2028\u2029\u00A0\u3000x', 'Claude x'],
    ['  Claude   Code ', 'Claude Code'],
    ['Ｃｌａｕｄｅ', 'Claude'],
    ['C\u0301\u0301\u0301\u0301\u0301\u0301laude', 'Ć\u0301\u0301laude'],
    ['Claude\uE000\uFFFE', 'Claude'],
    ['Claude\uD800', 'Claude'],
    ['Cla\u3164ude\uFFA0\u115F\u2800', 'Claude'],
    ['Cla\u034Fude\uFE0F', 'Claude'],
  ])('does not let %j pose as something else', (text, shown) => {
    expect(displayText(text)).toBe(shown);
  });

  it.each(['', '   ', '\u200B\u202E', '\u0000', '\u3164', '\uFFA0 \u115F', '\u2800\u2800'])(
    'finds nothing to show in %j',
    (text) => {
      expect(displayText(text)).toBeUndefined();
    },
  );

  it('shows nothing invisible, on one line, and is done after one pass', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = displayText(text);
        fc.pre(shown !== undefined);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]|^ | $| {2}/u);
        expect(displayText(shown)).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });
});
