import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import {
  alternate,
  claimsOf,
  form,
  LOOPBACK_CALLBACK,
  OAuthFlow,
  PageAgent,
  type Replica,
  startReplica,
  tokensOf,
} from '@gatehouse/test-kit';
import { DpopClient } from './dpop-client.js';
import { anna, house, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

const METADATA = {
  client_name: 'Bound client',
  redirect_uris: [LOOPBACK_CALLBACK],
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  dpop_bound_access_tokens: true,
};

const visit = async (url: URL): Promise<URL> =>
  new URL((await new PageAgent().authorize(url.href, { account: anna }, LOOPBACK_CALLBACK)).url);

describe('libraries with keys of their own', () => {
  it('AS-170: openid-client pushes, redeems and refreshes, and answers the demand for a nonce by itself', async () => {
    const config = await openid.dynamicClientRegistration(new URL(stack.issuer), METADATA, openid.None(), {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated as a warning; loopback is what it is for
      execute: [openid.allowInsecureRequests],
    });
    expect(config.clientMetadata()).toMatchObject({ dpop_bound_access_tokens: true });
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const expectedState = openid.randomState();
    const request = {
      redirect_uri: LOOPBACK_CALLBACK,
      resource: invoices,
      scope: 'invoices:read',
      state: expectedState,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    };
    const url = await openid.buildAuthorizationUrlWithPAR(config, request, { DPoP });
    const checks = { pkceCodeVerifier, expectedState };
    const tokens = await openid.authorizationCodeGrant(config, await visit(url), checks, {}, { DPoP });
    const jkt = await DPoP.calculateThumbprint();
    expect([tokens.token_type, claimsOf(tokens.access_token)['cnf']]).toEqual(['dpop', { jkt }]);
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!, {}, { DPoP });
    expect(claimsOf(refreshed.access_token)['cnf']).toEqual({ jkt });
    await expect(openid.refreshTokenGrant(config, refreshed.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_dpop_proof',
    });
  });

  it('AS-170: openid-client asks userinfo with its bound token, and answers the demand for a nonce there too', async () => {
    const config = await openid.dynamicClientRegistration(new URL(stack.issuer), METADATA, openid.None(), {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
      execute: [openid.allowInsecureRequests],
    });
    const keys = await openid.randomDPoPKeyPair('ES256');
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: LOOPBACK_CALLBACK,
      scope: 'openid profile',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    const callback = await visit(url);
    const DPoP = openid.getDPoPHandle(config, keys);
    const tokens = await openid.authorizationCodeGrant(config, callback, { pkceCodeVerifier }, {}, { DPoP });
    const subject = tokens.claims()?.sub ?? '';
    // The same key in a process that has just begun: it knows no nonce.
    const begun = openid.getDPoPHandle(config, keys);
    expect(await openid.fetchUserInfo(config, tokens.access_token, subject, { DPoP: begun })).toMatchObject({
      sub: subject,
    });
    await expect(openid.fetchUserInfo(config, tokens.access_token, subject)).rejects.toBeInstanceOf(
      openid.WWWAuthenticateChallengeError,
    );
  });

  it('AS-170: oauth4webapi learns the nonce from one refusal, and needs no second one', async () => {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
    const http = { [oauth.allowInsecureRequests]: true } as const;
    const issuer = new URL(stack.issuer);
    const discovered = await oauth.discoveryRequest(issuer, { ...http, algorithm: 'oauth2' });
    const as = await oauth.processDiscoveryResponse(issuer, discovered);
    expect(as.dpop_signing_alg_values_supported).toEqual(expect.arrayContaining(['ES256', 'Ed25519']));
    const registered = await oauth.dynamicClientRegistrationRequest(as, METADATA, http);
    const client = await oauth.processDynamicClientRegistrationResponse(registered);
    const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('Ed25519'));
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = new URL(as.authorization_endpoint!);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: LOOPBACK_CALLBACK,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      resource: invoices,
      scope: 'invoices:read',
      dpop_jkt: await DPoP.calculateThumbprint(),
      state,
    }).toString();
    const callback = oauth.validateAuthResponse(as, client, await visit(url), state);
    const redeem = async () =>
      oauth.processAuthorizationCodeResponse(
        as,
        client,
        await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), callback, LOOPBACK_CALLBACK, verifier, {
          ...http,
          DPoP,
        }),
      );
    const refused: unknown = await redeem().catch((error: unknown) => error);
    expect(oauth.isDPoPNonceError(refused)).toBe(true);
    const tokens = await redeem();
    expect(tokens.token_type).toBe('dpop');
    const answer = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token!, {
      ...http,
      DPoP,
    });
    const refreshed = await oauth.processRefreshTokenResponse(as, client, answer);
    expect(claimsOf(refreshed.access_token)['cnf']).toEqual({ jkt: await DPoP.calculateThumbprint() });
  });
});

describe('a client that proves its key', () => {
  it('AS-170: is told the nonce, and its tokens are told to be bound', async () => {
    const owner = await DpopClient.register();
    const pending = house.begin(owner.client, { resource: invoices, scope: 'invoices:read' });
    const code = await house.approve(house.browser(), pending, { account: anna });
    const refused = await owner.redeem(pending, code);
    expect([refused.status, refused.error]).toEqual([400, 'use_dpop_nonce']);
    const answer = await owner.redeem(pending, code);
    expect([answer.status, answer.header('dpop-nonce') !== undefined]).toEqual([200, true]);
    const tokens = tokensOf(answer);
    expect(tokens.token_type).toBe('DPoP');
    const { clientId, clientSecret } = stack.introspection;
    const credentials = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    const told = (await house.introspect(credentials, tokens.access_token)).json();
    expect(told).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: owner.key.jkt } });
  });

  it('AS-170: may be a page in a browser, on another origin', async () => {
    const preflight = await house.ask('token', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'dpop',
      },
    });
    expect(preflight.header('access-control-allow-headers')).toContain('DPoP');
    const owner = await DpopClient.register();
    const answer = await owner.send({ grant_type: 'refresh_token', refresh_token: 'x' });
    expect(answer.header('access-control-expose-headers')).toContain('DPoP-Nonce');
  });

  it('AS-170: asks the server itself with its bound token, which is no Bearer token there either', async () => {
    const owner = await DpopClient.register();
    const pending = house.begin(owner.client, { scope: 'openid profile' });
    const code = await house.approve(house.browser(), pending, { account: anna });
    await owner.learnNonce();
    const { access_token } = (await owner.redeem(pending, code)).json<{ access_token: string }>();
    const url = house.endpoint('userinfo');
    const told = (authorization: string, dpop?: string) =>
      house.ask('userinfo', { headers: { authorization, ...(dpop === undefined ? {} : { dpop }) } });
    const stolen = await told(`Bearer ${access_token}`);
    expect([stolen.status, stolen.header('www-authenticate')]).toEqual([401, expect.stringContaining('DPoP')]);
    const honest = await told(`DPoP ${access_token}`, await owner.key.proof('GET', url, access_token));
    expect([honest.status, honest.json()['sub']]).toEqual([200, expect.any(String)]);
  });
});

describe('two replicas', () => {
  let replicas: readonly Replica[];
  let flows: readonly OAuthFlow[];
  beforeAll(async () => {
    replicas = await Promise.all([startReplica(stack, WIDE_LIMITS), startReplica(stack, WIDE_LIMITS)]);
    flows = replicas.map(({ origin }) => new OAuthFlow(stack.issuer, { via: () => origin }));
  }, 60_000);
  afterAll(() => Promise.all(replicas.map((replica) => replica.stop())));

  it("AS-170: take each other's nonces, at every step of a flow", async () => {
    const balanced = new OAuthFlow(stack.issuer, { via: alternate(replicas.map(({ origin }) => origin)) });
    const owner = await DpopClient.register();
    const pending = balanced.begin(owner.client, { resource: invoices });
    const code = await balanced.approve(balanced.browser(), pending, { account: anna });
    await owner.learnNonce(balanced);
    let tokens = tokensOf(await owner.redeem(pending, code, balanced));
    for (let turn = 0; turn < 4; turn += 1) tokens = tokensOf(await owner.refresh(tokens.refresh_token, balanced));
    expect(tokens.token_type).toBe('DPoP');
  }, 30_000);

  it('AS-170: know which proofs the other one has seen, were they shown fifty times at once', async () => {
    const owner = await DpopClient.register();
    await owner.learnNonce();
    const codes = await Promise.all(
      Array.from({ length: 2 }, async () => {
        const pending = house.begin(owner.client, { resource: invoices });
        return { pending, code: await house.approve(house.browser(), pending, { account: anna }) };
      }),
    );
    const proof = await owner.proof();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const { pending, code } = codes[index % 2]!;
        return owner.redeem(pending, code, flows[index % 2], proof);
      }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const errors = answers
      .filter(({ status }) => status !== 200)
      .map(({ status, error }) => `${status} ${error ?? ''}`);
    expect(new Set(errors)).toEqual(new Set(['400 invalid_dpop_proof']));
  }, 30_000);

  it('AS-170: push with a proof at one, redeem at the other', async () => {
    const [one, two] = flows;
    const owner = await DpopClient.register();
    await owner.learnNonce();
    const pending = house.begin(owner.client, { resource: invoices });
    const push = form([...new URL(pending.url).searchParams], { dpop: await owner.proof('par') });
    const { request_uri } = (await one!.ask('par', push)).json<{ request_uri: string }>();
    const query = new URLSearchParams({ client_id: owner.client.client_id, request_uri });
    const url = `${house.endpoint('authorize')}?${query.toString()}`;
    const callback = await house.browser().authorize(url, { account: anna }, pending.redirectUri);
    const code = callback.parameters.get('code') ?? '';
    const thief = await owner.thief();
    expect((await thief.redeem(pending, code, two)).error).toBe('invalid_grant');
    expect((await owner.redeem(pending, code, two)).status).toBe(200);
  }, 30_000);
});
