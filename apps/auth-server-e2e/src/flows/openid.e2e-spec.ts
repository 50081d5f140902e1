import { beforeAll, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import * as openid from 'openid-client';
import {
  claimsOf,
  isSignIn,
  LOOPBACK_CALLBACK,
  MemoryOAuthProvider,
  type Page,
  PageAgent,
  scopesOffered,
} from '@gatehouse/test-kit';
import { anna, ben, house, invoices, stack } from './house.js';

/** An app signs its people in through the house, with a certified library that also checks the signature of each ID token. */
const issuer = new URL(stack.issuer);
// eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated as a warning; loopback is what it is for
const execute = [openid.allowInsecureRequests, openid.enableNonRepudiationChecks];
const ALL = 'openid profile email';

describe('an app that signs people in', () => {
  let config: openid.Configuration;
  beforeAll(async () => {
    const metadata = {
      client_name: 'Notebook',
      redirect_uris: [LOOPBACK_CALLBACK],
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
    };
    config = await openid.dynamicClientRegistration(issuer, metadata, openid.None(), { execute });
  });

  async function signIn(more: Record<string, string> = {}, visit: { account?: typeof anna; untick?: string[] } = {}) {
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const [expectedState, expectedNonce] = [openid.randomState(), openid.randomNonce()];
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: LOOPBACK_CALLBACK,
      scope: ALL,
      state: expectedState,
      nonce: expectedNonce,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...more,
    });
    const { account = anna, untick = [] } = visit;
    const callback = new URL((await new PageAgent().authorize(url.href, { account, untick })).url);
    const checks = { pkceCodeVerifier, expectedState };
    return {
      tokens: (nonce = expectedNonce) =>
        openid.authorizationCodeGrant(config, callback, { ...checks, expectedNonce: nonce, idTokenExpected: true }),
    };
  }

  it('finds all it needs in the discovery document (AS-12)', () => {
    const found = config.serverMetadata();
    expect(found).toMatchObject({
      userinfo_endpoint: house.endpoint('userinfo'),
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      scopes_supported: expect.arrayContaining(ALL.split(' ')),
      acr_values_supported: ['urn:gatehouse:acr:1fa'],
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      claims_parameter_supported: false,
    });
  });

  it('gets an ID token that the library accepts, nonce and signature and all', async () => {
    const tokens = await (await signIn()).tokens();
    const claims = tokens.claims()!;
    expect(claims).toMatchObject({
      iss: stack.issuer,
      aud: config.clientMetadata().client_id,
      acr: 'urn:gatehouse:acr:1fa',
      amr: ['pwd'],
      sid: expect.any(String),
      auth_time: expect.any(Number),
    });
    expect(claims.exp - claims.iat).toBeLessThanOrEqual(900);
    for (const claim of ['name', 'email', 'preferred_username']) expect(claims).not.toHaveProperty(claim);
    const supported = config.serverMetadata().claims_supported;
    for (const claim of Object.keys(claims)) expect(supported).toContain(claim);
  });

  it('learns from userinfo what the person agreed to', async () => {
    const tokens = await (await signIn()).tokens();
    const { sub } = tokens.claims()!;
    expect(await openid.fetchUserInfo(config, tokens.access_token, sub)).toEqual({
      sub,
      name: 'Anna Berg',
      preferred_username: 'anna',
      email: 'anna@example.com',
      email_verified: true,
    });
    const someoneElse = openid.fetchUserInfo(config, tokens.access_token, 'somebody-else');
    await expect(someoneElse).rejects.toThrow();
    const bens = await (await signIn({}, { account: ben })).tokens();
    const of = await openid.fetchUserInfo(config, bens.access_token, bens.claims()!.sub);
    expect(of).toMatchObject({ name: 'Ben Okafor', email_verified: false });
    expect(of.sub).not.toBe(sub);
  });

  it('gets another ID token at a refresh: same person, same sign-in, no nonce', async () => {
    const tokens = await (await signIn()).tokens();
    const first = tokens.claims()!;
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!);
    const again = refreshed.claims()!;
    for (const claim of ['sub', 'aud', 'auth_time', 'sid', 'acr'] as const) expect(again[claim]).toEqual(first[claim]);
    expect(again).not.toHaveProperty('nonce');
    expect(await openid.fetchUserInfo(config, refreshed.access_token, first.sub)).toMatchObject({ name: 'Anna Berg' });
  });

  it('does not take the ID token of a flow that it did not begin', async () => {
    const flow = await signIn();
    await expect(flow.tokens(openid.randomNonce())).rejects.toThrow();
  });

  it('is shown to the person in words, box by box', async () => {
    const browser = new PageAgent();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: LOOPBACK_CALLBACK,
      scope: `${ALL} offline_access`,
      code_challenge: await openid.calculatePKCECodeChallenge(openid.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    });
    const first = (await browser.open(url.href, LOOPBACK_CALLBACK)) as Page;
    const consent = (isSignIn(first) ? await browser.signIn(first, anna, LOOPBACK_CALLBACK) : first) as Page;
    expect(consent.text).toMatch(/Tell .*Notebook.* who you are\?/s);
    expect(scopesOffered(consent)).toEqual(ALL.split(' '));
  });
});

describe('an MCP client that also asks who the person is', () => {
  it('works with the official SDK, which has no use for the ID token in the answer', async () => {
    const browser = new PageAgent();
    const provider = new MemoryOAuthProvider({
      name: 'SDK v2 with openid',
      redirectUri: LOOPBACK_CALLBACK,
      visit: async (text) => {
        const url = new URL(text);
        url.searchParams.set('scope', `invoices:read ${ALL}`);
        return (await browser.authorize(url.href, { account: anna, untick: ['email'] })).url;
      },
    });
    const client = new Client({ name: 'flow', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    const transport = () => new StreamableHTTPClientTransport(new URL(invoices), { authProvider: provider });
    const first = transport();
    await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
    await first.finishAuth(await provider.browse());
    await client.connect(transport());
    expect((await client.callTool({ name: 'list_invoices', arguments: {} })).isError).not.toBe(true);
    await client.close();

    const tokens = provider.tokens() as { access_token: string; scope?: string; id_token?: string };
    expect(tokens.scope).toBe('invoices:read openid profile');
    expect(claimsOf(tokens.access_token)).toMatchObject({ aud: invoices, scope: 'invoices:read' });
    const told = claimsOf(tokens.id_token ?? '');
    expect(told).toMatchObject({ name: 'Anna Berg', preferred_username: 'anna' });
    expect(told).not.toHaveProperty('email');
  });
});
