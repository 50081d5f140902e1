import { beforeAll, describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { LOOPBACK_CALLBACK, PageAgent } from '@gatehouse/test-kit';
import { anna, expenses, invoices, stack } from './house.js';

/** A strict, certified library: what it accepts is by the book. The loopback stack speaks http, its only concession. */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated as a warning; loopback is what it is for
const http = { [oauth.allowInsecureRequests]: true } as const;

describe('a strict OAuth library', () => {
  let as: oauth.AuthorizationServer;
  let client: oauth.Client;
  const auth = oauth.None();

  async function authorize(resource: string, scope: string, redirectUri = LOOPBACK_CALLBACK) {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = new URL(as.authorization_endpoint!);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: redirectUri,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      resource,
      scope,
      state,
    }).toString();
    const callback = await new PageAgent().authorize(url.href, { account: anna });
    return { verifier, callback: oauth.validateAuthResponse(as, client, new URL(callback.url), state), redirectUri };
  }

  async function tokens(resource: string, scope: string) {
    const { verifier, callback, redirectUri } = await authorize(resource, scope);
    const response = await oauth.authorizationCodeGrantRequest(as, client, auth, callback, redirectUri, verifier, {
      ...http,
      additionalParameters: { resource },
    });
    return oauth.processAuthorizationCodeResponse(as, client, response);
  }

  beforeAll(async () => {
    const found = await oauth.resourceDiscoveryRequest(new URL(invoices), http);
    const resource = await oauth.processResourceDiscoveryResponse(new URL(invoices), found);
    const issuer = new URL(resource.authorization_servers![0]!);
    as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...http, algorithm: 'oauth2' }),
    );
    const registered = await oauth.dynamicClientRegistrationRequest(
      as,
      {
        client_name: 'Strict',
        redirect_uris: [LOOPBACK_CALLBACK],
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
      },
      http,
    );
    client = await oauth.processDynamicClientRegistrationResponse(registered);
  });

  it('accepts both discovery documents, and they say the same (AS-02, AS-05, AS-08)', async () => {
    expect(as.issuer).toBe(stack.issuer);
    expect(as.authorization_response_iss_parameter_supported).toBe(true);
    const issuer = new URL(stack.issuer);
    const openid = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http));
    expect(openid).toMatchObject(as);
  });

  it('accepts the authorization response, iss and all, and the token response (AS-30, AS-51)', async () => {
    const result = await tokens(invoices, 'invoices:read');
    expect(result).toMatchObject({ token_type: 'bearer', scope: 'invoices:read' });
    expect(result.expires_in).toBeGreaterThan(0);
    expect(result.expires_in).toBeLessThanOrEqual(900);
    expect(result.refresh_token).toBeDefined();
  });

  it('accepts the access token as RFC 9068 says (AS-60)', async () => {
    const { access_token } = await tokens(invoices, 'invoices:read invoices:write');
    const request = new Request(invoices, { headers: { authorization: `Bearer ${access_token}` } });
    const claims = await oauth.validateJwtAccessToken(as, request, invoices, http);
    expect(claims).toMatchObject({ aud: invoices, client_id: client.client_id, scope: 'invoices:read invoices:write' });
    const wrong = new Request(expenses, { headers: { authorization: `Bearer ${access_token}` } });
    await expect(oauth.validateJwtAccessToken(as, wrong, expenses, http)).rejects.toThrow();
  });

  it('refreshes, narrowing if it likes, never widening (AS-65)', async () => {
    const first = await tokens(invoices, 'invoices:read invoices:write');
    const refresh = async (token: string, parameters: Record<string, string>) =>
      oauth.processRefreshTokenResponse(
        as,
        client,
        await oauth.refreshTokenGrantRequest(as, client, auth, token, { ...http, additionalParameters: parameters }),
      );
    const narrowed = await refresh(first.refresh_token!, { scope: 'invoices:read' });
    expect(narrowed.scope).toBe('invoices:read');
    const whole = await refresh(narrowed.refresh_token!, {});
    expect(whole.scope).toBe('invoices:read invoices:write');
    await expect(refresh(whole.refresh_token!, { scope: 'invoices:refund' })).rejects.toMatchObject({
      error: 'invalid_scope',
    });
    await expect(refresh(whole.refresh_token!, { resource: expenses })).rejects.toMatchObject({
      error: 'invalid_target',
    });
    await expect(refresh(whole.refresh_token!, { resource: invoices })).resolves.toBeDefined();
  });

  it('revokes, and introspection knows (AS-110, AS-111)', async () => {
    const { access_token, refresh_token } = await tokens(invoices, 'invoices:read');
    const { clientId, clientSecret } = stack.introspection;
    const resourceServer: oauth.Client = { client_id: clientId };
    const introspect = async () =>
      oauth.processIntrospectionResponse(
        as,
        resourceServer,
        await oauth.introspectionRequest(as, resourceServer, oauth.ClientSecretBasic(clientSecret), access_token, http),
      );
    expect(await introspect()).toMatchObject({ active: true, aud: invoices, scope: 'invoices:read' });
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, refresh_token!, http));
    expect(await introspect()).toEqual({ active: false });
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, 'unknown', http));
  });

  it('stops at a response of another issuer (CL-22)', () => {
    const foreign = new URLSearchParams({ code: 'x', state: 's', iss: 'https://evil.example' });
    expect(() => oauth.validateAuthResponse(as, client, foreign, 's')).toThrow();
    expect(() => oauth.validateAuthResponse(as, client, new URLSearchParams({ code: 'x', state: 's' }), 's')).toThrow();
  });

  it('works as a confidential client with its secret by Basic and by post (AS-01, AS-53, CL-27)', async () => {
    const open = client;
    try {
      for (const [method, make] of [
        ['client_secret_basic', oauth.ClientSecretBasic],
        ['client_secret_post', oauth.ClientSecretPost],
      ] as const) {
        const registered = await oauth.dynamicClientRegistrationRequest(
          as,
          {
            client_name: 'Confidential',
            redirect_uris: ['https://app.example/callback'],
            token_endpoint_auth_method: method,
            grant_types: ['authorization_code', 'refresh_token'],
          },
          http,
        );
        client = await oauth.processDynamicClientRegistrationResponse(registered);
        const secret = (client as { client_secret?: string }).client_secret!;
        const { verifier, callback, redirectUri } = await authorize(
          invoices,
          'invoices:read',
          'https://app.example/callback',
        );
        const exchange = (authentication: oauth.ClientAuth) =>
          oauth.authorizationCodeGrantRequest(as, client, authentication, callback, redirectUri, verifier, http);
        const denied = await exchange(make('wrong'));
        expect([method, denied.status]).toEqual([method, method === 'client_secret_basic' ? 401 : 400]);
        const response = await exchange(make(secret));
        const result = await oauth.processAuthorizationCodeResponse(as, client, response);
        expect(result.access_token).toBeDefined();
      }
    } finally {
      client = open;
    }
  });
});
