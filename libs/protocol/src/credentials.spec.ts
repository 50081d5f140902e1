import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { basic, parseBasic } from './credentials.js';

const encoded = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('Basic credentials', () => {
  it('survive the way to the wire and back, whatever the secret contains', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(text, fc.string({ unit: 'grapheme' }), (id, secret) => {
        expect(parseBasic(basic(id, secret))).toEqual({ id, secret });
      }),
    );
    expect(parseBasic(basic('a:b', 'c:%+ d'))).toEqual({ id: 'a:b', secret: 'c:%+ d' });
  });

  it('are decoded as a form, and split at the first colon', () => {
    expect(parseBasic(encoded('id:a%3Ab+c:d'))).toEqual({ id: 'id', secret: 'a:b c:d' });
    expect(parseBasic(encoded('id:'))).toEqual({ id: 'id', secret: '' });
    expect(parseBasic(`bAsIc   ${Buffer.from('id:x').toString('base64')}`)).toEqual({ id: 'id', secret: 'x' });
  });

  it('are not there without a Basic header', () => {
    expect(parseBasic(undefined)).toBeUndefined();
    expect(parseBasic('Bearer abc')).toBeUndefined();
    expect(parseBasic('Basically abc')).toBeUndefined();
  });

  it.each([
    'Basic',
    'Basic ',
    'Basic !!!',
    encoded('no-colon'),
    encoded(':no-id'),
    encoded('id:%zz'),
    encoded('%ff:x'),
  ])('are refused when unreadable: %s', (header) => {
    expect(() => parseBasic(header)).toThrow(
      expect.objectContaining({ code: 'invalid_client', status: 401, reason: 'malformed_request' }),
    );
  });
});
