import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OAuthError } from './oauth-error.js';
import { Parameters } from './parameters.js';

describe('Parameters', () => {
  it('decodes a form and keeps odd characters of a value', () => {
    const parameters = Parameters.parse('state=a%2Bb%26c+%E2%9C%93&scope=x+y');
    expect(parameters.get('state')).toBe('a+b&c ✓');
    expect(parameters.require('scope')).toBe('x y');
  });

  it('refuses a parameter that stands twice, because two readers could take different ones', () => {
    expect(() => Parameters.parse('state=a&state=b')).toThrow(
      expect.objectContaining({ code: 'invalid_request', reason: 'repeated_parameter' }),
    );
    expect(() => Parameters.parse('client_id=a&client_id=a')).toThrow(OAuthError);
  });

  it('lets resource stand more than once', () => {
    expect(Parameters.parse('resource=a&resource=b').getAll('resource')).toEqual(['a', 'b']);
  });

  it('takes an empty value for an absent one', () => {
    const parameters = Parameters.parse('state=&scope=&scope=x');
    expect(parameters.has('state')).toBe(false);
    expect(parameters.getAll('state')).toEqual([]);
    expect(parameters.get('scope')).toBe('x');
    expect(() => parameters.require('state')).toThrow(
      expect.objectContaining({ code: 'invalid_request', reason: 'missing_parameter' }),
    );
  });

  it('refuses what no store could keep: NUL and lone surrogates', () => {
    const malformed = expect.objectContaining({ code: 'invalid_request', reason: 'malformed_request' });
    expect(() => Parameters.parse('state=a%00b')).toThrow(malformed);
    expect(() => new Parameters([['state', '\ud800']])).toThrow(malformed);
    expect(() => new Parameters([['\ud800', 'x']])).toThrow(malformed);
  });

  it('refuses escaped bytes that are no text, for what was read would not be what was sent', () => {
    const malformed = expect.objectContaining({ code: 'invalid_request', reason: 'malformed_request' });
    for (const escaped of ['%ff', '%ED%A0%80', '%C3', 'a%c3b', '%E2%9C', '%f8%88%80%80%80'])
      for (const text of [`state=${escaped}`, `${escaped}=x`, `a=b&state=x${escaped}&c=d`])
        expect(() => Parameters.parse(text)).toThrow(malformed);
    expect(Parameters.parse('state=100%+%zz+%E2%9C%93%c3%a9%EF%BF%BD').get('state')).toBe('100% %zz ✓é\ufffd');
  });

  it('is not confused by names every object has', () => {
    const parameters = Parameters.parse('__proto__=x&constructor=y');
    expect(parameters.get('toString')).toBeUndefined();
    expect(parameters.get('__proto__')).toBe('x');
  });

  it('reads any text or refuses it with invalid_request', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          Parameters.parse(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request' });
        }
      }),
    );
  });
});
