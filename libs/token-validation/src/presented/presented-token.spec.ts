import { describe, expect, it } from '@jest/globals';
import { type PresentedCredentials, presentedScheme, presentedToken, withoutCredentials } from './presented-token.js';

const none: PresentedCredentials = { authorization: [], method: 'POST', query: '' };
const refusal = (code: string, reason: string): unknown => expect.objectContaining({ code, reason });

describe('the token of a request (RS-40)', () => {
  it.each([
    ['Bearer abc.DEF-1_~+/==', 'Bearer'],
    ['bearer abc.DEF-1_~+/==', 'Bearer'],
    ['BEARER   abc.DEF-1_~+/==', 'Bearer'],
    ['DPoP abc.DEF-1_~+/==', 'DPoP'],
    ['dpop  abc.DEF-1_~+/==', 'DPoP'],
  ])('RS-28: takes the token of "%s", whatever the case of the scheme', (header, scheme) => {
    expect(presentedToken({ ...none, authorization: [header] })).toEqual({ scheme, token: 'abc.DEF-1_~+/==' });
  });

  it('RS-21: calls a request without a header, or with another scheme, one without credentials', () => {
    for (const authorization of [[], ['Basic dTpw'], ['Bearerabc'], ['DPoPabc'], ['']])
      expect(() => presentedToken({ ...none, authorization })).toThrow(refusal('invalid_token', 'no_access_token'));
  });

  it('RS-40: does not take a token from the query or a form', () => {
    expect(() => presentedToken({ ...none, query: 'access_token=abc' })).toThrow(
      refusal('invalid_token', 'credentials_in_url'),
    );
    expect(() => presentedToken({ ...none, form: 'access_token=abc' })).toThrow(
      refusal('invalid_token', 'no_access_token'),
    );
    expect(presentedToken({ ...none, authorization: ['Bearer abc'], query: 'access=1', form: 'a=b' }).token).toBe(
      'abc',
    );
  });

  it('RS-25: refuses two tokens, wherever the second one stands', () => {
    const authorization = ['Bearer abc'];
    for (const second of [
      { authorization: ['Bearer abc', 'Bearer abc'] },
      { authorization: ['Bearer abc', 'DPoP abc'] },
      { authorization, query: 'access_token=abc' },
      { authorization, query: 'a=1&%61ccess_token=' },
      { authorization, form: 'access_token=abc' },
      { authorization: [], query: 'access_token=a', form: 'access_token=b' },
    ])
      expect(() => presentedToken({ ...none, ...second })).toThrow(refusal('invalid_request', 'two_access_tokens'));
  });

  it('looks for a second token in forms of the size of one: taking a long form apart would cost us seconds a request', () => {
    const authorization = ['Bearer abc'];
    const long = `${'a&'.repeat(16_384)}access_token=abc`;
    expect(presentedToken({ ...none, authorization, form: long }).token).toBe('abc');
    expect(() => presentedToken({ ...none, form: long })).toThrow(refusal('invalid_token', 'no_access_token'));
  });

  it.each([
    ['DPoP'],
    ['DPoP a b'],
    ['Bearer'],
    ['Bearer '],
    ['Bearer a b'],
    ['Bearer a,b'],
    ['Bearer "a"'],
    ['Bearer =a'],
    ['Bearer a\u00e9'],
  ])('RS-25: refuses the broken header "%s" as malformed', (header) => {
    expect(() => presentedToken({ ...none, authorization: [header] })).toThrow(
      refusal('invalid_request', 'malformed_access_token'),
    );
  });

  it('refuses a token of absurd length before looking into it', () => {
    expect(() => presentedToken({ ...none, authorization: [`Bearer ${'a'.repeat(8193)}`] })).toThrow(
      refusal('invalid_token', 'malformed_access_token'),
    );
  });

  it('knows which scheme a broken header meant, so that the refusal can be told to it', () => {
    const schemes = ['DPoP', 'dpop a b', 'Bearer', 'Basic x', ''].map((header) =>
      presentedScheme({ authorization: [header] }),
    );
    expect(schemes).toEqual(['DPoP', 'DPoP', 'Bearer', undefined, undefined]);
  });

  it('knows which refusals are for requests without credentials', () => {
    const caught = (request: PresentedCredentials): boolean => {
      try {
        presentedToken(request);
      } catch (error) {
        return withoutCredentials(error as never);
      }
      throw new Error('not refused');
    };
    expect(caught(none)).toBe(true);
    expect(caught({ ...none, query: 'access_token=a' })).toBe(true);
    expect(caught({ ...none, authorization: ['Bearer'] })).toBe(false);
  });
});
