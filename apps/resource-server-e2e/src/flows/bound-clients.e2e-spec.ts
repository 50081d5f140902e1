import { describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { UnauthorizedError as UnauthorizedErrorV1 } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import {
  claimsOf,
  DpopFetch,
  LOOPBACK_CALLBACK,
  MemoryOAuthProvider,
  PageAgent,
  RecordingFetch,
} from '@gatehouse/test-kit';
import { LIST, MCP } from './bound-client.js';
import { anna, invoicesUrl, issuerUrl } from './tools.js';

describe('clients that were not written here, with bound tokens', () => {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated as a warning; loopback is what it is for
  const http = { [oauth.allowInsecureRequests]: true } as const;
  const metadata = {
    client_name: 'Bound client',
    redirect_uris: [LOOPBACK_CALLBACK],
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    dpop_bound_access_tokens: true,
  };
  const visit = async (url: URL): Promise<URL> => {
    const { url: back } = await new PageAgent().authorize(url.href, { account: anna });
    return new URL(back);
  };

  it('RS-50: oauth4webapi gets its tokens, calls and refreshes', async () => {
    const issuer = new URL(issuerUrl);
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...http, algorithm: 'oauth2' }),
    );
    const client = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(as, metadata, http),
    );
    const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('ES256'));
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = new URL(as.authorization_endpoint!);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: LOOPBACK_CALLBACK,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      resource: invoicesUrl,
      scope: 'invoices:read',
      dpop_jkt: await DPoP.calculateThumbprint(),
      state,
    }).toString();
    const callback = oauth.validateAuthResponse(as, client, await visit(url), state);
    /** As the library's own examples do it: once more with the nonce that it has just learnt. */
    const withNonce = async <T>(attempt: () => Promise<T>): Promise<T> => {
      try {
        return await attempt();
      } catch (error) {
        if (!oauth.isDPoPNonceError(error)) throw error;
        return attempt();
      }
    };
    const tokens = await withNonce(async () =>
      oauth.processAuthorizationCodeResponse(
        as,
        client,
        await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), callback, LOOPBACK_CALLBACK, verifier, {
          ...http,
          DPoP,
        }),
      ),
    );
    expect(tokens.token_type).toBe('dpop');
    const call = (access: string): Promise<Response> =>
      withNonce(() =>
        oauth.protectedResourceRequest(access, 'POST', new URL(invoicesUrl), new Headers(MCP), LIST, { ...http, DPoP }),
      );
    expect((await call(tokens.access_token)).status).toBe(200);
    const refreshed = await withNonce(async () =>
      oauth.processRefreshTokenResponse(
        as,
        client,
        await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token ?? '', { ...http, DPoP }),
      ),
    );
    expect((await call(refreshed.access_token)).status).toBe(200);
    const request = new Request(invoicesUrl, {
      method: 'POST',
      headers: {
        authorization: `DPoP ${refreshed.access_token}`,
        dpop: await proofBy(DPoP, refreshed.access_token),
      },
    });
    expect(await oauth.validateJwtAccessToken(as, request, invoicesUrl, http)).toMatchObject({
      cnf: { jkt: await DPoP.calculateThumbprint() },
    });
  });

  /** The proof that the library makes, taken from the request it would send. */
  async function proofBy(DPoP: oauth.DPoPHandle, access: string): Promise<string> {
    const sent = new RecordingFetch();
    await oauth.protectedResourceRequest(access, 'POST', new URL(invoicesUrl), new Headers(MCP), LIST, {
      ...http,
      DPoP,
      [oauth.customFetch]: (to, init) => sent.fetch(to, init as RequestInit),
    });
    return sent.exchanges[0]?.requestHeaders.get('dpop') ?? '';
  }

  it('RS-50: openid-client gets its tokens, calls and refreshes', async () => {
    const config = await openid.dynamicClientRegistration(new URL(issuerUrl), metadata, openid.None(), {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
      execute: [openid.allowInsecureRequests],
    });
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const expectedState = openid.randomState();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: LOOPBACK_CALLBACK,
      resource: invoicesUrl,
      scope: 'invoices:read',
      state: expectedState,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      dpop_jkt: await DPoP.calculateThumbprint(),
    });
    const tokens = await openid.authorizationCodeGrant(
      config,
      await visit(url),
      { pkceCodeVerifier, expectedState },
      { resource: invoicesUrl },
      { DPoP },
    );
    const call = (access: string): Promise<Response> =>
      openid.fetchProtectedResource(config, access, new URL(invoicesUrl), 'POST', LIST, new Headers(MCP), { DPoP });
    expect((await call(tokens.access_token)).status).toBe(200);
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!, {}, { DPoP });
    expect(refreshed.token_type).toBe('dpop');
    expect((await call(refreshed.access_token)).status).toBe(200);
  });

  it('RS-50: the official SDK v2, which gets its proofs from a fetch, signs in, calls, steps up and refreshes', async () => {
    const wire = new RecordingFetch();
    const dpop = await DpopFetch.create(wire.fetch);
    const browser = new PageAgent();
    const provider = new MemoryOAuthProvider({
      name: 'SDK v2 with a key',
      redirectUri: LOOPBACK_CALLBACK,
      visit: async (url) => (await browser.authorize(url, { account: anna })).url,
    });
    const client = new Client({ name: 'bound', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    const transport = () =>
      new StreamableHTTPClientTransport(new URL(invoicesUrl), { authProvider: provider, fetch: dpop.fetch });
    const first = transport();
    await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
    await first.finishAuth(await provider.browse());
    const connection = transport();
    await client.connect(connection);
    expect((await client.callTool({ name: 'list_invoices', arguments: {} })).isError).not.toBe(true);
    const sent = wire.last('a call', ({ requestBody }) => requestBody.includes('"tools/call"'));
    expect(sent.requestHeaders.get('authorization')).toMatch(/^DPoP ey/);

    const write = () =>
      client.callTool({
        name: 'create_invoice',
        arguments: { customer: 'E2E Ltd', description: 'Bound', amount: 100 },
      });
    await expect(write()).rejects.toBeInstanceOf(UnauthorizedError);
    await connection.finishAuth(await provider.browse());
    expect((await write()).isError).not.toBe(true);

    // A refresh on a 401, as when the token has expired.
    const before = provider.tokens()!;
    expect(claimsOf(before.access_token)['cnf']).toEqual({ jkt: dpop.jkt });
    provider.saveTokens({ ...before, access_token: `${before.access_token.slice(0, -4)}AAAA` });
    expect((await client.callTool({ name: 'list_invoices', arguments: {} })).isError).not.toBe(true);
    expect(provider.tokens()?.refresh_token).not.toBe(before.refresh_token);
    await client.close();
  }, 30_000);

  it('RS-50: the official SDK v1 does so too', async () => {
    const wire = new RecordingFetch();
    const dpop = await DpopFetch.create(wire.fetch);
    const browser = new PageAgent();
    const authProvider = new MemoryOAuthProvider({
      name: 'SDK v1 with a key',
      redirectUri: LOOPBACK_CALLBACK,
      visit: async (url) => (await browser.authorize(url, { account: anna })).url,
    });
    const client = new ClientV1({ name: 'bound', version: '1' });
    const transport = () => new TransportV1(new URL(invoicesUrl), { authProvider, fetch: dpop.fetch });
    const first = transport();
    await expect(client.connect(first)).rejects.toBeInstanceOf(UnauthorizedErrorV1);
    await first.finishAuth((await authProvider.browse()).get('code') ?? '');
    await client.connect(transport());
    expect((await client.callTool({ name: 'list_invoices', arguments: {} })).isError).not.toBe(true);
    const sent = wire.last('a call', ({ requestBody }) => requestBody.includes('"tools/call"'));
    expect(sent.requestHeaders.get('authorization')).toMatch(/^DPoP ey/);
    await client.close();
  }, 30_000);
});
