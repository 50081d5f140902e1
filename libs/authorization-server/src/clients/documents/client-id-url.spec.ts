import { describe, expect, it } from '@jest/globals';
import { isClientIdUrl, looksLikeUrl } from './client-id-url.js';

describe('isClientIdUrl', () => {
  it.each([
    'https://app.example.com/client.json',
    'https://app.example.com/oauth/metadata',
    'https://app.example.com:8443/client.json',
    'https://app.example.com:443/client.json',
    'https://app.example.com/',
    'https://app.example.com/client.json?v=2',
    'https://xn--bcher-kva.example/client.json',
    'https://127.0.0.1:9000/client.json',
    'https://app.example.com/a..b/c.',
  ])('takes %s (AS-81)', (id) => {
    expect(isClientIdUrl(id)).toBe(true);
  });

  it.each([
    ['no https', 'http://app.example.com/client.json'],
    ['another scheme', 'ftp://app.example.com/client.json'],
    ['a scheme in capitals', 'HTTPS://app.example.com/client.json'],
    ['no path', 'https://app.example.com'],
    ['no path but a query', 'https://app.example.com?x=1'],
    ['user information', 'https://me@app.example.com/client.json'],
    ['a password', 'https://me:secret@app.example.com/client.json'],
    ['an empty password', 'https://:@app.example.com/client.json'],
    ['a fragment', 'https://app.example.com/client.json#a'],
    ['an empty fragment', 'https://app.example.com/client.json#'],
    ['a dot segment', 'https://app.example.com/./client.json'],
    ['two dots', 'https://app.example.com/a/../client.json'],
    ['two dots at the end', 'https://app.example.com/a/..'],
    ['encoded dots', 'https://app.example.com/a/%2E%2e/client.json'],
    ['half encoded dots', 'https://app.example.com/a/.%2e/client.json'],
    ['capitals in the host', 'https://App.example.com/client.json'],
    ['another alphabet', 'https://bücher.example/client.json'],
    ['an encoded host', 'https://%61pp.example.com/client.json'],
    ['a dot behind the host', 'https://app.example.com./client.json'],
    ['a decimal address', 'https://2130706433/client.json'],
    ['a backslash', 'https://app.example.com\\@evil.example/client.json'],
    ['a space', 'https://app.example.com/client .json'],
    ['a tab', 'https://app.example.com/\tclient.json'],
    ['a line end', 'https://app.example.com/client.json\n'],
    ['an empty host', 'https:///client.json'],
    ['port zero', 'https://app.example.com:0/client.json'],
    ['a port too large', 'https://app.example.com:65536/client.json'],
    ['a port with a zero in front', 'https://app.example.com:0443/client.json'],
    ['quotes', 'https://app.example.com/"onload="x'],
    ['too many characters', `https://app.example.com/${'x'.repeat(1000)}`],
  ])('refuses %s: %s (AS-81)', (_, id) => {
    expect(isClientIdUrl(id)).toBe(false);
  });

  it('is asked about everything that looks like a web address, in whatever capitals', () => {
    for (const id of ['https://a/b', 'HTTPS://a/b', 'http://a/b', 'https:a']) expect(looksLikeUrl(id)).toBe(true);
    for (const id of ['c_0123', 'ledger', 'urn:https:x']) expect(looksLikeUrl(id)).toBe(false);
  });
});
