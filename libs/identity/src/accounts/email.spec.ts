import { describe, expect, it } from '@jest/globals';
import { isEmailAddress } from './email.js';

describe('an e-mail address', () => {
  it.each(['anna@house.example', 'a+b@x', 'zoë@bücher.example', '"a.b"@x.example'])('may be %s', (text) => {
    expect(isEmailAddress(text)).toBe(true);
  });

  it.each([
    '',
    'anna',
    '@x',
    'anna@',
    'a@b@c',
    'a b@x',
    'a@x\r\nBcc: all@x',
    'a\u202e@x',
    'a\u200b@x',
    'a@\ud800',
    `${'a'.repeat(250)}@x.example`,
  ])('may not be %j', (text) => {
    expect(isEmailAddress(text)).toBe(false);
  });
});
