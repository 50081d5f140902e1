import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  isLoopbackRedirect,
  matchRedirect,
  redirectDisplayHost,
  redirectProblem,
  staysOnThisMachine,
} from './redirect-uri.js';

describe('matchRedirect', () => {
  it.each([
    ['https://app.example/cb', 'https://app.example/cb'],
    ['https://app.example/cb?tenant=1', 'https://app.example/cb?tenant=1'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51234/cb'],
    ['http://127.0.0.1:3000/cb', 'http://127.0.0.1:51234/cb'],
    ['http://127.0.0.1:3000/cb', 'http://127.0.0.1/cb'],
    ['http://[::1]/cb', 'http://[::1]:51234/cb'],
    ['http://localhost/cb?x=1', 'http://localhost:51234/cb?x=1'],
    ['http://127.0.0.1', 'http://127.0.0.1:51234'],
    ['com.example.app:/cb', 'com.example.app:/cb'],
  ])('registered %s lets an honest client come back at %s', (registered, requested) => {
    expect(matchRedirect(requested, ['https://other.example/', registered])).toBe(requested);
  });

  it.each([
    ['https://app.example/cb', 'https://app.example/cb/'],
    ['https://app.example/cb', 'https://app.example/CB'],
    ['https://app.example/cb', 'https://APP.example/cb'],
    ['https://app.example/cb', 'https://app.example:8443/cb'],
    ['https://app.example/cb', 'https://app.example:443/cb'],
    ['https://app.example/cb', 'https://app.example/cb?x=1'],
    ['https://app.example/cb', 'https://app.example/cb/../evil'],
    ['https://app.example/cb', 'https://app.example.evil.example/cb'],
    ['https://app.example/cb', 'https://evil.example/cb'],
    ['https://app.example/cb', 'http://app.example/cb'],
    ['https://app.example/', 'https://app.example'],
    ['http://127.0.0.1/cb', 'http://localhost:51234/cb'],
    ['http://localhost/cb', 'http://127.0.0.1:51234/cb'],
    ['http://127.0.0.1/cb', 'http://[::1]:51234/cb'],
    ['http://127.0.0.1/cb', 'https://127.0.0.1:51234/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51234/cb/'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51234/other'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51234@evil.example/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1.evil.example/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:0/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:65536/cb'],
    ['http://127.0.0.1/cb', 'http://127.1:51234/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51234/cb#x'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51234/cb\n'],
    ['http://127.0.0.1/cb', 'HTTP://127.0.0.1:51234/cb'],
    ['http://127.0.0.1/cb', ''],
  ])('registered %s does not let an attacker come back at %s', (registered, requested) => {
    expect(matchRedirect(requested, [registered])).toBeUndefined();
  });

  it('takes no character of a registered https URI for another', () => {
    const registered = 'https://app.example/cb?tenant=1';
    fc.assert(
      fc.property(fc.nat(registered.length - 1), fc.string({ minLength: 0, maxLength: 2 }), (at, instead) => {
        const requested = registered.slice(0, at) + instead + registered.slice(at + 1);
        expect(matchRedirect(requested, [registered])).toBe(requested === registered ? requested : undefined);
      }),
    );
  });

  it('gives a loopback URI the freedom of its port and nothing else', () => {
    const host = fc.constantFrom('127.0.0.1', '[::1]', 'localhost');
    const path = fc.constantFrom('', '/', '/cb', '/cb?x=1', '?x=1');
    fc.assert(
      fc.property(host, path, host, path, fc.integer({ min: 1, max: 65_535 }), (h1, p1, h2, p2, port) => {
        const matched = matchRedirect(`http://${h2}:${port}${p2}`, [`http://${h1}${p1}`]);
        expect(matched !== undefined).toBe(h1 === h2 && p1 === p2);
      }),
    );
  });
});

describe('redirectProblem', () => {
  it.each([
    'https://app.example/cb',
    'https://app.example',
    'https://app.example:8443/cb?tenant=1',
    'https://xn--bcher-kva.example/cb',
    'http://127.0.0.1/cb',
    'http://127.0.0.1:33418/',
    'http://[::1]:51234/cb',
    'http://localhost/cb',
  ])('lets an honest client register %s', (uri) => {
    expect(redirectProblem(uri)).toBeUndefined();
  });

  it.each([
    'http://app.example/cb',
    'http://127.0.0.1@evil.example/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://127.1/cb',
    'http://2130706433/cb',
    'http://127.0.0.1:0/cb',
    'http://127.0.0.1:99999/cb',
    'http://localhost./cb',
    'https://user@app.example/cb',
    'https://user:pass@app.example/cb',
    'https://@app.example/cb',
    'https://APP.example/cb',
    'https://app.example:443/cb',
    'HTTPS://app.example/cb',
    'https:app.example/cb',
    'https:///app.example/cb',
    'https://app.example\\@evil.example/cb',
    'https://app.example/cb#fragment',
    'https://app.example/cb#',
    'https://app.example/a/../cb',
    'https://app.example/%2e%2E/cb',
    'https://app.example/./cb',
    'https://app.example/c b',
    'https://app.example/c\u0000b',
    'https://app.example/cb\r\nSet-Cookie: a=b',
    'https://äpp.example/cb',
    'https://app.example;script-src*/cb',
    "https://app.example'/cb",
    'https://app.example,evil.example/cb',
    'https://*/cb',
    "https://app.example/cb?a='",
    'https://app.example/<script>',
    'https://evil.example./cb',
    'https://localhost./cb',
    'https://evil..example/cb',
    'https://',
    '/cb',
    'cb',
    '',
    `https://app.example/${'a'.repeat(2000)}`,
  ])('does not let %j be registered', (uri) => {
    expect(redirectProblem(uri)).toBe('invalid_redirect_uri');
  });

  it('takes private-use schemes only from an operator who allowed them by name', () => {
    expect(redirectProblem('cursor://anysphere/cb')).toBe('forbidden_redirect_scheme');
    expect(redirectProblem('cursor://anysphere/cb', ['cursor'])).toBeUndefined();
    expect(redirectProblem('com.example.app:/cb', ['cursor'])).toBe('forbidden_redirect_scheme');
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
    'blob:https://a/b',
    'ws://a/b',
  ])('never takes %s, even if an operator allows the scheme', (uri) => {
    const scheme = uri.slice(0, uri.indexOf(':'));
    expect(redirectProblem(uri, [scheme])).toBe('forbidden_redirect_scheme');
  });

  it('accepts nothing that a URL parser would spell differently', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string().map((text) => `https://${text}`),
        ),
        (uri) => {
          fc.pre(redirectProblem(uri) === undefined);
          const withPath = uri.replace(/^(https?:\/\/[^/?]*)(?=\?|$)/, '$1/');
          expect(new URL(uri).href).toBe(withPath);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what is shown of a redirect URI', () => {
  it('is the host and port, or the scheme of a private-use URI', () => {
    expect(redirectDisplayHost('https://app.example/cb')).toBe('app.example');
    expect(redirectDisplayHost('http://127.0.0.1:51234/cb')).toBe('127.0.0.1:51234');
    expect(redirectDisplayHost('com.example.app:/cb')).toBe('com.example.app://…');
  });

  it('says loopback of nothing that only looks like it', () => {
    expect(isLoopbackRedirect('http://[::1]:1/cb')).toBe(true);
    expect(isLoopbackRedirect('http://localhost.evil.example/cb')).toBe(false);
    expect(isLoopbackRedirect('https://localhost/cb')).toBe(false);
  });

  it.each([
    ['http://127.0.0.1:5/cb', true],
    ['http://[::1]/cb', true],
    ['http://localhost/cb', true],
    ['https://localhost:8443/cb', true],
    ['https://app.localhost/cb', true],
    ['https://127.0.0.2/cb', true],
    ['https://localhost./cb', true],
    ['https://localhost.evil.example/cb', false],
    ['https://127.evil.example/cb', false],
    ['https://app.example/cb?u=http://localhost', false],
    ['com.example.app:/cb', false],
  ])('says of %s whether the answer stays on this machine', (uri, stays) => {
    expect(staysOnThisMachine(uri)).toBe(stays);
  });
});
