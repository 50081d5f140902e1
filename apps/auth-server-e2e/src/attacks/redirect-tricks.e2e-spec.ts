import { beforeAll, describe, expect, it } from '@jest/globals';
import { type RegisteredClient } from '@gatehouse/test-kit';
import { anna, house, invoices } from '../flows/house.js';
import { reasonsOf } from './refusals.js';

const WEB = 'https://app.example/cb';
const NATIVE = 'http://127.0.0.1/callback';

/** What two parsers might read differently, or a pattern might let through. A browser sends each as it stands. */
const TRICKS: Readonly<Record<string, readonly string[]>> = {
  'user information': [
    'https://app.example@evil.example/cb',
    'https://app.example:443@evil.example/cb',
    'https://someone@app.example/cb',
    'http://127.0.0.1@evil.example/callback',
    'http://127.0.0.1:80@evil.example/callback',
  ],
  'another host that looks alike': [
    'https://evil.app.example/cb',
    'https://app.example.evil.example/cb',
    'https://evil-app.example/cb',
    'https://appxexample/cb',
    'https://app.example./cb',
    'https://app.exampl/e/cb',
  ],
  'another port': ['https://app.example:443/cb', 'https://app.example:8443/cb', 'https://app.example:/cb'],
  'a longer or shorter path': [
    'https://app.example/cb/',
    'https://app.example/cb/evil',
    'https://app.example/cbevil',
    'https://app.example/cb;evil',
    'https://app.example/c',
    'https://app.example/',
    'https://app.example',
    'http://127.0.0.1/callback/',
  ],
  'steps up and double slashes': [
    'https://app.example/cb/../open-redirect',
    'https://app.example/x/../cb',
    'https://app.example/./cb',
    'https://app.example//cb',
    'https://app.example/%2e%2e/cb',
    'https://app.example/cb/%2e%2e/x',
    'https://app.example/cb/..%2fx',
    'https:///app.example/cb',
    'https:/app.example/cb',
    '//app.example/cb',
  ],
  'other encodings of the same': [
    'https://app.example/%63b',
    'https://app.example/cb%2f',
    'https://app.example/cb%00',
    'https://app.example/cb%0d%0aLocation:%20https://evil.example',
    'https://app%2eexample/cb',
    'https%3A%2F%2Fapp.example%2Fcb',
  ],
  'a query or a fragment': [
    'https://app.example/cb?next=https://evil.example',
    'https://app.example/cb?',
    'https://app.example/cb#evil',
    'https://app.example/cb#',
    'http://127.0.0.1/callback?x=1',
    'http://127.0.0.1:7000/callback#x',
  ],
  'letters of other alphabets, and punycode': [
    'https://\u0430pp.example/cb',
    'https://xn--pp-6kc.example/cb',
    'https://app\u3002example/cb',
    'https://app.example\uff0fcb',
    'https://\uff41pp.example/cb',
    'https://app.example/cb\u200b',
    'https://app.example/cb\u202e',
  ],
  backslashes: [
    'https://app.example\\@evil.example/cb',
    'https://evil.example\\.app.example/cb',
    'https:\\\\app.example\\cb',
    'https://app.example/\\cb',
    'http://127.0.0.1\\@evil.example/callback',
  ],
  'upper case': [
    'HTTPS://app.example/cb',
    'https://APP.example/cb',
    'https://app.example/CB',
    'HTTP://127.0.0.1/callback',
  ],
  'white space and control characters': [
    ' https://app.example/cb',
    'https://app.example/cb ',
    'https://app.example/cb\t',
    'https://app.exa\tmple/cb',
    'https://app.example/\ncb',
    'https://app.example/cb\r\n',
    'https://app.example/cb\u0000',
  ],
  'another scheme': [
    'http://app.example/cb',
    'https://127.0.0.1/callback',
    'javascript://app.example/cb',
    'data:text/html,https://app.example/cb',
    'app.example/cb',
  ],
  'a pattern': ['https://*.example/cb', 'https://app.example/*', '.*', 'https://app.example/cb|https://evil.example'],
  'other names of this machine': [
    'http://localhost/callback',
    'http://[::1]/callback',
    'http://[::ffff:127.0.0.1]/callback',
    'http://127.0.0.2/callback',
    'http://127.1/callback',
    'http://2130706433/callback',
    'http://0x7f.0.0.1/callback',
    'http://0177.0.0.1/callback',
    'http://0.0.0.0/callback',
    'http://127.0.0.1.evil.example/callback',
    'http://127.0.0.1:0/callback',
    'http://127.0.0.1:65536/callback',
    'http://127.0.0.1:/callback',
    'http://127.0.0.1:80:80/callback',
  ],
};
/** Two hosts, ports and paths that differ may both be registered; what no parser reads in only one way may not. */
const NEVER_REGISTERED = [
  'user information',
  'steps up and double slashes',
  'letters of other alphabets, and punycode',
  'backslashes',
  'white space and control characters',
  'a pattern',
];
const MAY_BE_REGISTERED = [
  'https://app.example/cb/..%2fx',
  'https://app.example//cb',
  'https://xn--pp-6kc.example/cb',
  'https://app.example/*',
];

/** CVE-2025-4143 (redirect URI unchecked), CVE-2024-52289 (redirect URIs taken for patterns). */
describe('a redirect URI with a trick', () => {
  let client: RegisteredClient;
  const browser = house.browser();

  beforeAll(async () => {
    client = await house.register({ redirect_uris: [WEB, NATIVE], application_type: 'native' });
  });
  const url = (redirect_uri: string) => house.begin(client, { resource: invoices, parameters: { redirect_uri } }).url;

  it.each(Object.entries(TRICKS))('of %s is answered with a page and goes nowhere', async (_, tricks) => {
    const reasons = await reasonsOf(async () => {
      for (const trick of tricks) {
        const answer = await browser.exchange(url(trick));
        expect([trick, answer.status, answer.location, answer.type]).toEqual([trick, 400, undefined, 'text/html']);
        expect(answer.text).not.toContain('evil');
        expect(answer.header('content-security-policy')).not.toContain('evil');
      }
    });
    expect(reasons).toHaveLength(tricks.length);
    for (const reason of reasons) expect(['unregistered_redirect_uri', 'malformed_request']).toContain(reason);
  });

  it.each(NEVER_REGISTERED)('of %s cannot even be registered', async (kind) => {
    for (const trick of TRICKS[kind]!.filter((one) => !MAY_BE_REGISTERED.includes(one))) {
      const answer = await house.registration({ redirect_uris: [trick], application_type: undefined });
      expect([trick, answer.status, answer.error]).toEqual([trick, 400, 'invalid_redirect_uri']);
    }
  });

  it('does not come in beside a good one', async () => {
    const good = url(WEB);
    for (const second of ['redirect_uri=https://evil.example/cb', 'redirect_uri%5B%5D=x&redirect_uri=x']) {
      const answer = await browser.exchange(`${good}&${second}`);
      expect([answer.status, answer.location]).toEqual([400, undefined]);
    }
  });

  it('hurts nobody who asks for what is registered, on whatever loopback port', async () => {
    for (const honest of [WEB, NATIVE, 'http://127.0.0.1:51234/callback']) {
      const callback = await browser.authorize(url(honest), { account: anna }, honest);
      expect([honest, callback.parameters.has('code')]).toEqual([honest, true]);
    }
  });
});
