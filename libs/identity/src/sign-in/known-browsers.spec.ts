import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { KnownBrowsers } from './known-browsers.js';

describe('KnownBrowsers', () => {
  const key = randomBytes(32);
  const browsers = new KnownBrowsers([key]);

  it('recognises its own marks, for the person they were made for', () => {
    const mark = browsers.mark('anna');
    expect(mark).toMatch(/^ghk_[A-Za-z0-9_-]{43}$/);
    expect([browsers.recognises(mark, 'anna'), browsers.recognises(mark, 'ben')]).toEqual([true, false]);
    expect(browsers.mark('anna')).not.toBe(mark);
  });

  it('recognises nothing else: an invention, a changed mark, a second spelling, the mark of another house', () => {
    const mark = browsers.mark('anna');
    const last = mark.charCodeAt(mark.length - 1);
    for (const other of [
      '',
      'anna',
      `ghk_${'A'.repeat(43)}`,
      `ghw_${mark.slice(4)}`,
      `${mark}A`,
      mark.slice(0, -1),
      mark.slice(0, 4) + (mark[4] === 'A' ? 'B' : 'A') + mark.slice(5),
      mark.slice(0, -1) + String.fromCharCode(last + 1),
      new KnownBrowsers([randomBytes(32)]).mark('anna'),
    ])
      expect(browsers.recognises(other, 'anna')).toBe(false);
  });

  it('outlives a change of the key while the old one is listed', () => {
    const mark = browsers.mark('anna');
    expect(new KnownBrowsers([randomBytes(32), key]).recognises(mark, 'anna')).toBe(true);
    expect(new KnownBrowsers([randomBytes(32)]).recognises(mark, 'anna')).toBe(false);
  });
});
