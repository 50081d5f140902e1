import { describe, expect, it } from '@jest/globals';
import { readAnyInstant, readAnyTexts, readInstant, readTexts } from './type-parsers.js';

describe('values of PostgreSQL', () => {
  it.each([
    '2026-01-02 03:04:05+00',
    '2026-01-02 03:04:05.6+00',
    '2026-01-02 03:04:05.678+00',
    '2026-01-02 03:04:05.678901+00',
    '2026-01-02 03:04:05.999999+00',
    '1969-12-31 23:59:59.999999+00',
    '1969-12-31 23:59:59.5+00',
    '0099-01-01 00:00:00+00',
    '2026-01-02 03:04:05+02',
    '2026-01-02 03:04:05.1+05:30',
    '12026-01-02 03:04:05+00',
    '0044-03-15 12:00:00+00 BC',
    'infinity',
    '-infinity',
  ])('reads the instant %s as the driver does', (text) => {
    expect(readInstant(text)).toEqual(readAnyInstant(text));
  });

  it.each([
    '{}',
    '{a}',
    '{read,write}',
    '{NULL}',
    '{"NULL",a}',
    '{a,NULL}',
    '{"a,b",c}',
    '{"a\\"b"}',
    '{"{}",""}',
    '{{a,b},{c,d}}',
    '[0:1]={a,b}',
    '{nullable}',
    '{tools:read,Ω}',
  ])('reads the texts %s as the driver does', (text) => {
    expect(readTexts(text)).toEqual(readAnyTexts(text));
  });
});
