import { describe, expect, it } from '@jest/globals';
import { isCodeChallenge, isCodeVerifier, verifierMatches } from './pkce.js';

// The example of RFC 7636, Appendix B.
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('PKCE', () => {
  it('matches the verifier of the RFC with its challenge', () => {
    expect(verifierMatches(VERIFIER, CHALLENGE)).toBe(true);
  });

  it('matches no other verifier, and not the challenge with itself as plain would', () => {
    expect(verifierMatches(VERIFIER.replace('d', 'e'), CHALLENGE)).toBe(false);
    expect(verifierMatches(CHALLENGE, CHALLENGE)).toBe(false);
    expect(verifierMatches('', CHALLENGE)).toBe(false);
  });

  it.each([CHALLENGE.slice(1), `${CHALLENGE}A`, `${CHALLENGE}=`, CHALLENGE.replace('-', '+'), '', `${CHALLENGE}\n`])(
    'takes %j for no challenge',
    (text) => {
      expect(isCodeChallenge(text)).toBe(false);
    },
  );

  it('takes 43 to 128 unreserved characters for a verifier', () => {
    expect(isCodeVerifier('a'.repeat(42))).toBe(false);
    expect(isCodeVerifier('a'.repeat(43))).toBe(true);
    expect(isCodeVerifier('-._~'.repeat(32))).toBe(true);
    expect(isCodeVerifier('a'.repeat(129))).toBe(false);
    expect(isCodeVerifier(`${'a'.repeat(43)}+`)).toBe(false);
  });
});
