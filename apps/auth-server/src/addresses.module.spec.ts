import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from './testing/browser.js';
import { TrialClient, approve, toConsent } from './testing/client.js';
import { type TrialServer, startTrialServer } from './testing/trial-server.js';

/** Ends TLS in front of the https issuers. */
const PROXY = '10.0.0.1';

describe.each([
  {
    issuer: 'http://127.0.0.1:4000',
    settings: { TRUSTED_PROXIES: '' },
    wellKnown: ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'],
  },
  {
    issuer: 'https://auth.example',
    settings: { TRUSTED_PROXIES: PROXY },
    wellKnown: ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'],
  },
  {
    issuer: 'https://auth.example/tenants/t1',
    settings: { TRUSTED_PROXIES: PROXY },
    wellKnown: [
      '/.well-known/oauth-authorization-server/tenants/t1',
      '/.well-known/openid-configuration/tenants/t1',
      '/tenants/t1/.well-known/openid-configuration',
    ],
  },
])('addresses of the issuer $issuer', ({ issuer, settings, wellKnown }) => {
  let server: TrialServer;
  const { origin, pathname } = new URL(issuer);
  const base = pathname === '/' ? '' : pathname;

  beforeAll(async () => {
    server = await startTrialServer({ ISSUER: issuer, ...settings });
  });
  afterAll(() => server.close());

  it('serves the same document at every address clients probe, with the issuer byte for byte', async () => {
    const documents = await Promise.all(wellKnown.map((url) => server.app.inject({ url })));
    for (const document of documents) {
      expect(document.statusCode).toBe(200);
      expect(document.headers['content-type']).toMatch(/^application\/json/);
      expect(document.headers['cache-control']).toBe('public, max-age=300');
      expect(document.body).toBe(documents[0]?.body);
      expect(document.json<{ issuer: string }>().issuer).toBe(issuer);
    }
    const { jwks_uri, token_endpoint } = documents[0]!.json<Record<string, string>>();
    expect([jwks_uri, token_endpoint]).toEqual([`${issuer}/jwks.json`, `${issuer}/token`]);
    expect((await server.app.inject({ url: `${base}/jwks.json` })).json<{ keys: object[] }>().keys).toHaveLength(1);
  });

  it('leads from each of its own resources to what describes it, and from there to the issuer', async () => {
    for (const resource of ['userinfo', 'admin']) {
      const path = resource === 'admin' ? `${base}/admin/clients` : `${base}/userinfo`;
      const refused = await server.app.inject({ url: path, headers: { host: 'evil.example' }, remoteAddress: PROXY });
      expect([path, refused.statusCode]).toEqual([path, 401]);
      const [challenge] = [refused.headers['www-authenticate']].flat();
      const url = /resource_metadata="([^"]*)"/.exec(String(challenge))?.[1] ?? '';
      expect(url).toBe(`${origin}/.well-known/oauth-protected-resource${base}/${resource}`);
      const described = await server.app.inject({ url: url.slice(origin.length) });
      expect(described.json()).toMatchObject({
        resource: `${issuer}/${resource}`,
        authorization_servers: [issuer],
      });
    }
  });

  it('names the same issuer in authorization responses and access tokens', async () => {
    const client = await TrialClient.register(server.app, {}, base);
    const callback = await approve(new Browser(server.app, origin, PROXY), client);
    expect(callback.searchParams.get('iss')).toBe(issuer);
    const { access_token } = (await client.redeem(callback.searchParams.get('code') ?? '')).json<{
      access_token: string;
    }>();
    const claims = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()) as { iss: string };
    expect(claims.iss).toBe(issuer);
  });

  it('answers 404, as JSON to a program, where there is nothing', async () => {
    for (const url of [
      '/',
      '/nothing',
      '/.well-known/oauth-authorization-server/other',
      '/.well-known/openid-configuration/tenants',
      '/.well-known/oauth-protected-resource',
      `${base}/token/x`,
      `${base}//token`,
      '/tenants/t2/jwks.json',
      ...(base === ''
        ? ['/t1/.well-known/openid-configuration']
        : ['/token', '/authorize', '/.well-known/oauth-authorization-server']),
    ]) {
      const answer = await server.app.inject({ url });
      expect([url, answer.statusCode]).toEqual([url, 404]);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
    }
  });

  it('does not let a request header change a document, a redirect or a cookie', async () => {
    const spoofed = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': '/evil',
      forwarded: 'host=evil.example;proto=http',
    };
    const [honest, lied] = await Promise.all(
      [{}, spoofed].map((headers) => server.app.inject({ url: wellKnown[0] ?? '', headers, remoteAddress: PROXY })),
    );
    expect(lied?.body).toBe(honest?.body);
    const client = await TrialClient.register(server.app, {}, base);
    const begun = await server.app.inject({ url: client.authorizePath(), headers: spoofed, remoteAddress: PROXY });
    expect(begun.headers.location?.startsWith(`${issuer}/interaction/ghi_`)).toBe(true);
    expect(String(begun.headers['set-cookie']).includes('Secure')).toBe(issuer.startsWith('https:'));
  });

  it('gives the cookies the attributes and names of its scheme', async () => {
    const client = await TrialClient.register(server.app, {}, base);
    const browser = new Browser(server.app, origin, PROXY);
    await toConsent(browser, client);
    const names = issuer.startsWith('https:')
      ? ['__Host-gatehouse-browser', '__Host-gatehouse-session', '__Host-gatehouse-known']
      : ['gatehouse-browser-4000', 'gatehouse-session-4000', 'gatehouse-known-4000'];
    expect([...browser.cookies.keys()]).toEqual(names);
    const begun = await new Browser(server.app, origin, PROXY).get(client.authorizePath());
    const secure = issuer.startsWith('https:') ? '; Secure' : '';
    expect(begun.headers['set-cookie']).toMatch(
      new RegExp(`^${names[0]}=ghb_[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Lax${secure}$`),
    );
  });
});
