import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authorizationServerMetadataUrls, protectedResourceMetadataUrl } from '@gatehouse/metadata';
import {
  type Answer,
  ask,
  claimsOf,
  isSignIn,
  LOOPBACK_CALLBACK,
  OAuthFlow,
  type Replica,
  startReplica,
} from '@gatehouse/test-kit';
import { anna, invoices, stack } from '../flows/house.js';
import { WIDE_LIMITS } from '../flows/limits.js';

const LIES: readonly Record<string, string>[] = [
  { host: 'evil.example' },
  { host: `evil.example:${new URL(stack.issuer).port}` },
  { 'x-forwarded-host': 'evil.example' },
  { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' },
  { 'x-forwarded-server': 'evil.example', 'x-host': 'evil.example', 'x-original-host': 'evil.example' },
  { forwarded: 'for=1.2.3.4;host=evil.example;proto=https' },
  { 'x-forwarded-prefix': '/evil.example', 'x-script-name': '/evil.example', 'x-base-url': 'https://evil.example' },
  { 'x-original-url': '/evil.example', 'x-rewrite-url': '/evil.example' },
  { referer: 'https://evil.example/', 'x-http-host-override': 'evil.example' },
];

/** GHSA-2wmj-46rj-qm2w: links made of forwarded headers. Address and issuer come from the configuration, and from nowhere else. */
describe('lying headers about where we are', () => {
  const behind: [string, () => { via?: string }][] = [
    ['', () => ({})],
    [' from a trusted proxy', () => ({ via: replica.origin })],
  ];
  let replica: Replica;

  beforeAll(async () => {
    replica = await startReplica(stack, { ...WIDE_LIMITS, TRUSTED_PROXIES: '127.0.0.1' });
  }, 30_000);
  afterAll(() => replica.stop());

  function expectNoLie(answer: Answer): void {
    expect(answer.text).not.toContain('evil.example');
    expect(JSON.stringify(answer.headers)).not.toContain('evil.example');
  }

  it.each(behind)('change nothing in metadata and keys%s', async (_, way) => {
    for (const url of [...authorizationServerMetadataUrls(stack.issuer), `${stack.issuer}/jwks.json`]) {
      const honest = (await ask(url, way())).text;
      for (const headers of LIES) {
        const answer = await ask(url, { ...way(), headers });
        expectNoLie(answer);
        if (answer.status === 200) expect(answer.text).toBe(honest);
        else expect([400, 403, 421]).toContain(answer.status);
      }
    }
  });

  it.each(behind)(
    'change no redirect, no page, no form and no token%s',
    async (_, way) => {
      for (const lies of LIES.filter(({ host }) => host === undefined)) {
        const flow = new OAuthFlow(stack.issuer, { via: () => way().via, headers: lies });
        const browser = flow.browser();
        const pending = flow.begin(await flow.register(), { resource: invoices });
        const page = await browser.open(pending.url, LOOPBACK_CALLBACK);
        if (!isSignIn(page)) throw new Error('no sign-in page');
        for (const { action } of page.forms) expect(action.startsWith(`${stack.issuer}/`)).toBe(true);
        const callback = await browser.authorize(pending.url, { account: anna });
        expect(callback.parameters.get('iss')).toBe(stack.issuer);
        for (const answer of browser.visits) expectNoLie(answer);
        const redeemed = await flow.redeem(pending, callback.parameters.get('code') ?? '');
        expect(claimsOf(redeemed.json<{ access_token: string }>().access_token)['iss']).toBe(stack.issuer);
      }
    },
    30_000,
  );

  it('lead no redirect away when the Host itself lies', async () => {
    const flow = new OAuthFlow(stack.issuer);
    const { url } = flow.begin(await flow.register(), { resource: invoices });
    for (const headers of LIES) {
      const answer = await ask(url, { headers });
      expectNoLie(answer);
      if (answer.location !== undefined) expect(new URL(answer.location).origin).toBe(stack.issuer);
    }
  });

  it('change no challenge and no metadata of the resource server', async () => {
    const metadata = protectedResourceMetadataUrl(invoices);
    const honest = (await ask(metadata)).text;
    for (const headers of LIES) {
      const document = await ask(metadata, { headers });
      const challenge = await ask(invoices, { method: 'POST', headers, body: '{}' });
      expectNoLie(document);
      expectNoLie(challenge);
      if (document.status === 200) expect(document.text).toBe(honest);
      if (challenge.status === 401) expect(challenge.header('www-authenticate')).toContain(`"${metadata}"`);
    }
  });

  it('reach no other route, and no other method', async () => {
    for (const headers of [
      { 'x-original-url': '/jwks.json' },
      { 'x-rewrite-url': '/jwks.json' },
      { 'x-http-method-override': 'POST' },
      { 'x-method-override': 'POST', 'x-http-method': 'POST' },
    ]) {
      const answer = await ask(`${stack.issuer}/token`, { headers });
      expect([answer.status, answer.text.includes('"keys"')]).toEqual([405, false]);
    }
  });
});
