import { beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { LOOPBACK_CALLBACK, PageAgent } from '@gatehouse/test-kit';
import { anna, expenses, invoices, stack } from './house.js';

/** A certified client library as most Node applications use it. The loopback stack speaks http, its only concession. */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated as a warning; loopback is what it is for
const execute = [openid.allowInsecureRequests];
const issuer = new URL(stack.issuer);
const METADATA = {
  client_name: 'openid-client',
  redirect_uris: [LOOPBACK_CALLBACK],
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
};
const LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
const MCP = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

const register = (metadata: Partial<openid.ClientMetadata> = {}, auth?: openid.ClientAuth) =>
  openid.dynamicClientRegistration(issuer, { ...METADATA, ...metadata }, auth ?? openid.None(), { execute });

const visit = async (url: URL): Promise<URL> =>
  new URL((await new PageAgent().authorize(url.href, { account: anna }, LOOPBACK_CALLBACK)).url);

const call = (config: openid.Configuration, token: string, resource = invoices): Promise<Response> =>
  openid.fetchProtectedResource(config, token, new URL(resource), 'POST', LIST, new Headers(MCP));

/** Code and PKCE, from the authorization URL to the tokens. */
async function connect(config: openid.Configuration, parameters: Record<string, string> = {}, pushed = false) {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const expectedState = openid.randomState();
  const request = {
    redirect_uri: LOOPBACK_CALLBACK,
    resource: invoices,
    scope: 'invoices:read',
    state: expectedState,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  };
  const url = pushed
    ? await openid.buildAuthorizationUrlWithPAR(config, request)
    : openid.buildAuthorizationUrl(config, request);
  return openid.authorizationCodeGrant(config, await visit(url), { pkceCodeVerifier, expectedState });
}

describe('openid-client', () => {
  let config: openid.Configuration;
  beforeAll(async () => {
    config = await register();
  });

  it('discovers the server by both documents, and they say the same (AS-02, AS-12)', async () => {
    const discover = async (algorithm: 'oidc' | 'oauth2') =>
      (await openid.discovery(issuer, 'any', undefined, openid.None(), { execute, algorithm })).serverMetadata();
    const [oidc, oauth] = await Promise.all([discover('oidc'), discover('oauth2')]);
    expect(oauth.issuer).toBe(stack.issuer);
    expect(oidc).toMatchObject(oauth);
    expect(oidc.supportsPKCE()).toBe(true);
  });

  it('signs its person in, and calls the resource that it asked for (AS-01, AS-30, AS-51)', async () => {
    const tokens = await connect(config);
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'invoices:read' });
    expect(tokens.expiresIn()).toBeGreaterThan(0);
    expect((await call(config, tokens.access_token)).status).toBe(200);
    await expect(call(config, tokens.access_token, expenses)).rejects.toBeInstanceOf(
      openid.WWWAuthenticateChallengeError,
    );
  });

  it('refreshes, and cannot widen what was approved (AS-62, AS-65)', async () => {
    const tokens = await connect(config);
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!);
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    expect((await call(config, refreshed.access_token)).status).toBe(200);
    const wider = openid.refreshTokenGrant(config, refreshed.refresh_token!, { scope: 'invoices:refund' });
    await expect(wider).rejects.toMatchObject({ error: 'invalid_scope' });
  });

  it('revokes, and a resource server that uses it too learns so by introspection (AS-110, AS-111)', async () => {
    const { clientId, clientSecret } = stack.introspection;
    const server = new openid.Configuration(
      config.serverMetadata(),
      clientId,
      clientSecret,
      openid.ClientSecretBasic(clientSecret),
    );
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
    openid.allowInsecureRequests(server);
    const tokens = await connect(config);
    expect(await openid.tokenIntrospection(server, tokens.access_token)).toMatchObject({
      active: true,
      aud: invoices,
      scope: 'invoices:read',
      token_type: 'Bearer',
    });
    await openid.tokenRevocation(config, tokens.refresh_token!);
    expect(await openid.tokenIntrospection(server, tokens.access_token)).toEqual({ active: false });
    await expect(openid.refreshTokenGrant(config, tokens.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('pushes its request first (AS-113)', async () => {
    const tokens = await connect(config, {}, true);
    expect((await call(config, tokens.access_token)).status).toBe(200);
  });

  it('learns who its person is from an ID token and from userinfo', async () => {
    const nonce = openid.randomNonce();
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const expectedState = openid.randomState();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: LOOPBACK_CALLBACK,
      scope: 'openid profile',
      state: expectedState,
      nonce,
      max_age: '600',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    const tokens = await openid.authorizationCodeGrant(config, await visit(url), {
      pkceCodeVerifier,
      expectedState,
      expectedNonce: nonce,
      maxAge: 600,
      idTokenExpected: true,
    });
    const claims = tokens.claims()!;
    expect(claims).toMatchObject({ iss: stack.issuer, nonce, sub: expect.any(String) });
    const person = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
    expect(person).toMatchObject({ sub: claims.sub, name: expect.any(String) });
  });

  it('works as a confidential client by every method that takes a secret (AS-53)', async () => {
    for (const [method, auth] of [
      ['client_secret_basic', openid.ClientSecretBasic],
      ['client_secret_post', openid.ClientSecretPost],
    ] as const) {
      const confidential = await register(
        { application_type: undefined, token_endpoint_auth_method: method, client_name: method },
        auth(),
      );
      const tokens = await connect(confidential);
      expect([method, (await call(confidential, tokens.access_token)).status]).toEqual([method, 200]);
    }
  });
});
