import type { VerifiedRedirect } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { carriesResponseParameter, codeLocation, errorLocation } from './authorization-response.js';

const ISSUER = 'https://as.example/t1';
const to = (redirectUri: string, state?: string) => ({
  redirectUri: redirectUri as VerifiedRedirect,
  ...(state === undefined ? {} : { state }),
});

describe('an authorization response', () => {
  it('carries code, state and iss, form-encoded', () => {
    expect(codeLocation(to('https://app.example/cb', 'a b&c=d'), ISSUER, 'ghc_x')).toBe(
      'https://app.example/cb?code=ghc_x&state=a+b%26c%3Dd&iss=https%3A%2F%2Fas.example%2Ft1',
    );
  });

  it('carries error, a fixed description, state and iss', () => {
    const { searchParams } = new URL(errorLocation(to('https://app.example/cb', 's'), ISSUER, 'invalid_scope'));
    expect(Object.fromEntries(searchParams)).toEqual({
      error: 'invalid_scope',
      error_description: 'The scope is unknown, malformed or too wide.',
      state: 's',
      iss: ISSUER,
    });
  });

  it('has no state when the request had none', () => {
    expect(new URL(codeLocation(to('https://app.example/cb'), ISSUER, 'x')).searchParams.has('state')).toBe(false);
  });

  it.each([
    ['https://app.example/cb?tenant=1&x=%2F+y', 'https://app.example/cb?tenant=1&x=%2F+y&code='],
    ['https://app.example/cb?', 'https://app.example/cb?code='],
    ['https://app.example/cb?a?b', 'https://app.example/cb?a?b&code='],
    ['http://127.0.0.1:51234', 'http://127.0.0.1:51234?code='],
    ['com.example.app:/cb', 'com.example.app:/cb?code='],
  ])('keeps the query of %s as it is written', (redirectUri, start) => {
    expect(codeLocation(to(redirectUri), ISSUER, 'x').startsWith(start)).toBe(true);
  });

  it('never has a parameter twice, even behind an address that carries one of them', () => {
    for (const planted of ['code=evil', '%63ode=evil', 'state=evil', 'iss=https://evil.example', 'error=x', 'iss'])
      for (const location of [
        codeLocation(to(`https://app.example/cb?a=1&${planted}`, 's'), ISSUER, 'x'),
        errorLocation(to(`https://app.example/cb?a=1&${planted}`, 's'), ISSUER, 'access_denied'),
      ]) {
        const names = [...new URL(location).searchParams.keys()];
        expect(new Set(names).size).toBe(names.length);
        expect(new URL(location).searchParams.get('iss')).toBe(ISSUER);
        expect(new URL(location).searchParams.get('a')).toBe('1');
      }
  });

  it('gives any state back as it came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (state) => {
        const { searchParams } = new URL(codeLocation(to('https://app.example/cb?t=1', state), ISSUER, 'x'));
        expect(searchParams.getAll('state')).toEqual([state]);
        expect(searchParams.getAll('code')).toEqual(['x']);
      }),
    );
  });

  it('knows addresses that carry what an answer will', () => {
    expect(carriesResponseParameter('https://app.example/cb?x=1')).toBe(false);
    expect(carriesResponseParameter('https://app.example/code=1')).toBe(false);
    expect(carriesResponseParameter('https://app.example/cb?x=1&%63ode')).toBe(true);
  });

  it.each([
    '?;code=x',
    '?a=1;state=x',
    '?a=1%3B&iss=x',
    '?Code=x',
    '?code[]=x',
    '?code%5B0%5D=x',
    '?%20error=x',
    '?error.uri=x',
  ])('lets no parameter of an answer be smuggled in as %s, which some readers take for one', (query) => {
    expect(carriesResponseParameter(`https://app.example/cb${query}`)).toBe(true);
    expect(codeLocation(to(`https://app.example/cb${query}`), ISSUER, 'x').toLowerCase()).not.toContain('=x&code=');
  });

  it.each(['?barcode=1', '?state_id=7', '?codes=1', '?a=code', '?list[]=code'])(
    'leaves an honest query like %s',
    (query) => {
      expect(carriesResponseParameter(`https://app.example/cb${query}`)).toBe(false);
    },
  );
});
