import { describe, expect, it } from '@jest/globals';
import { type OAuthError } from '@gatehouse/protocol';
import type { FastifyRequest } from 'fastify';
import { csrfToken, refuseCrossSitePost, verifyCsrfToken } from './csrf.js';

const browser = `ghb_${'b'.repeat(43)}`;
const interactionId = `ghi_${'i'.repeat(43)}`;

function reasonOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_request', status: 403 });
    return (error as OAuthError).reason;
  }
}

describe('verifyCsrfToken', () => {
  const verify = (subject: object) => () => {
    verifyCsrfToken({ browser, interactionId, presented: csrfToken(browser, interactionId), ...subject });
  };

  it('takes the token of this browser for this interaction', () => {
    expect(reasonOf(verify({}))).toBeUndefined();
  });

  it.each([
    ['no token', { presented: null }],
    ['an empty token', { presented: '' }],
    ['the token of another interaction', { presented: csrfToken(browser, `ghi_${'j'.repeat(43)}`) }],
    ['the token of another browser', { presented: csrfToken(`ghb_${'c'.repeat(43)}`, interactionId) }],
    ['a browser without its cookie', { browser: undefined }],
    ['a token made without any cookie', { browser: undefined, presented: csrfToken('', interactionId) }],
  ])('refuses %s', (_what, subject) => {
    expect(reasonOf(verify(subject))).toBe('wrong_csrf_token');
  });
});

describe('refuseCrossSitePost', () => {
  const check = (headers: object) => () => {
    refuseCrossSitePost({ headers } as FastifyRequest, 'https://auth.example');
  };

  it.each([
    {},
    { origin: 'https://auth.example' },
    { origin: 'https://auth.example', 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
  ])('lets our own pages post (%j)', (headers) => {
    expect(reasonOf(check(headers))).toBeUndefined();
  });

  it.each([
    { origin: 'https://evil.example' },
    { origin: 'http://auth.example' },
    { origin: 'https://auth.example:8443' },
    { origin: 'https://auth.example.evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://auth.example', 'sec-fetch-site': 'cross-site' },
  ])('refuses the post of another site (%j)', (headers) => {
    expect(reasonOf(check(headers))).toBe('cross_site_post');
  });
});
