import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testProofKey } from '@gatehouse/dpop/testing';
import { authorizationServerMetadataUrls, protectedResourceMetadataUrl } from '@gatehouse/metadata';
import { ask, claimsOf, form, freePort, type Replica, startReplica } from '@gatehouse/test-kit';
import { anna, expenses, house, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

type Document = Record<string, unknown>;
const read = async (url: string, via?: string) => (await ask(url, { via })).json<Document>();

describe('the metadata', () => {
  it('says the same at every well-known address (AS-02, AS-06, AS-07, AS-12)', async () => {
    const [first, ...others] = await Promise.all(authorizationServerMetadataUrls(stack.issuer).map((url) => read(url)));
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) expect(other).toEqual(first);
    expect(first).toMatchObject({
      issuer: stack.issuer,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: expect.any(Array),
      id_token_signing_alg_values_supported: expect.any(Array),
    });
    for (const name of ['authorization', 'token', 'registration', 'revocation', 'introspection'])
      expect(String(first?.[`${name}_endpoint`]).startsWith(`${stack.issuer}/`)).toBe(true);
  });

  it('says where to sign out and what may be asked of a sign-in, and both are so', async () => {
    const document = await read(authorizationServerMetadataUrls(stack.issuer)[0]!);
    expect(document).toMatchObject({
      end_session_endpoint: `${stack.issuer}/logout`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    });
    for (const method of ['GET', 'POST']) {
      const headers = method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
      const answer = await ask(String(document['end_session_endpoint']), { method, headers });
      expect([answer.status, answer.type]).toEqual([200, 'text/html']);
    }
    const client = await house.register();
    for (const prompt of document['prompt_values_supported'] as string[]) {
      const page = await house.browser().open(house.begin(client, { resource: invoices, parameters: { prompt } }).url);
      expect(page.status).toBe(200);
    }
  });

  it('names grants, methods, scopes and resources, and no empty list (AS-10, AS-13, AS-14, AS-15)', async () => {
    const document = await read(authorizationServerMetadataUrls(stack.issuer)[0]!);
    expect(document['grant_types_supported']).toEqual(
      expect.arrayContaining(['authorization_code', 'refresh_token', 'client_credentials']),
    );
    expect(document['token_endpoint_auth_methods_supported']).toEqual(expect.arrayContaining(['none']));
    expect(document['scopes_supported']).toEqual(expect.arrayContaining(['invoices:read', 'expenses:read']));
    expect(document['protected_resources']).toEqual(expect.arrayContaining([invoices, expenses]));
    for (const value of Object.values(document)) expect(value).not.toEqual([]);
  });

  it('names the grants that the token endpoint knows, and no other; introspection signs as it says (AS-10)', async () => {
    const document = await read(authorizationServerMetadataUrls(stack.issuer)[0]!);
    const urn = 'urn:ietf:params:oauth:grant-type:';
    expect(document['grant_types_supported']).toContain(`${urn}token-exchange`);
    for (const grant_type of document['grant_types_supported'] as string[])
      expect([grant_type, (await house.token({ grant_type })).error]).not.toEqual([
        grant_type,
        'unsupported_grant_type',
      ]);
    for (const grant_type of ['password', 'implicit', 'token-exchange', `${urn}jwt-bearer`, `${urn}saml2-bearer`])
      expect((await house.token({ grant_type })).error).toBe('unsupported_grant_type');
    expect(document['introspection_signing_alg_values_supported']).toEqual(['ES256']);
    const { clientId, clientSecret } = stack.introspection;
    const accept = 'application/token-introspection+jwt';
    const asked = form({ token: 'x', client_id: clientId, client_secret: clientSecret }, { accept });
    const [header = ''] = (await house.ask('introspect', asked)).text.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg: 'ES256' });
  });

  it('offers userinfo and identity scopes, and refuses what it says it does not support (AS-12)', async () => {
    const document = await read(authorizationServerMetadataUrls(stack.issuer)[0]!);
    expect(document['userinfo_endpoint']).toBe(house.endpoint('userinfo'));
    expect((await house.ask('userinfo')).status).toBe(401);
    expect(document['scopes_supported']).toEqual(expect.arrayContaining(['openid', 'profile', 'email']));
    const client = await house.register();
    for (const [name, value] of [
      ['request', 'a.b.c'],
      ['request_uri', 'https://app.example/request'],
    ] as const) {
      expect(document[`${name}_parameter_supported`]).toBe(false);
      const { url } = house.begin(client, { scope: 'openid', parameters: { [name]: value } });
      const { parameters } = await house.browser().authorize(url, { account: anna });
      expect(parameters.get('error')).toBe(`${name}_not_supported`);
    }
    expect(document['claims_parameter_supported']).toBe(false);
    const claims = JSON.stringify({ id_token: { email: { essential: true } } });
    const pending = house.begin(client, { scope: 'openid', parameters: { claims } });
    const code = await house.approve(house.browser(), pending, { account: anna });
    const { id_token } = (await house.redeem(pending, code)).json<{ id_token: string }>();
    expect(claimsOf(id_token)).not.toHaveProperty('email');
  });

  it('carries one issuer, byte for byte, in five places (AS-05, RS-09)', async () => {
    const connected = await house.connected({ decision: { account: anna }, resource: invoices });
    const resource = await read(protectedResourceMetadataUrl(invoices));
    const [oauth, openid] = await Promise.all(authorizationServerMetadataUrls(stack.issuer).map((url) => read(url)));
    expect([
      oauth?.['issuer'],
      openid?.['issuer'],
      (resource['authorization_servers'] as string[])[0],
      claimsOf(connected.tokens.access_token)['iss'],
    ]).toEqual(Array.from({ length: 4 }, () => stack.issuer));
  });

  it('names the algorithms of proofs, and takes those and no others (AS-06, AS-170)', async () => {
    const document = await read(authorizationServerMetadataUrls(stack.issuer)[0]!);
    const named = document['dpop_signing_alg_values_supported'] as string[];
    const { client_id } = await house.register();
    const send = async (alg: string, nonce?: string) => {
      const key = await testProofKey(alg);
      const proof = { url: house.endpoint('token'), at: new Date(), ...(nonce === undefined ? {} : { nonce }) };
      return house.token(
        { grant_type: 'refresh_token', refresh_token: 'none', client_id },
        { dpop: await key.proof(proof) },
      );
    };
    const nonce = (await send('ES256')).header('dpop-nonce');
    for (const alg of ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'Ed25519', 'EdDSA'])
      expect([alg, (await send(alg, nonce)).error]).toEqual([
        alg,
        named.includes(alg) ? 'invalid_grant' : 'invalid_dpop_proof',
      ]);
  });

  it('is readable for scripts of any origin, and authorize is not (AS-17, AS-21, AS-69)', async () => {
    const origin = 'https://app.example';
    const asked = {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'mcp-protocol-version',
    };
    for (const url of [
      ...authorizationServerMetadataUrls(stack.issuer),
      house.endpoint('jwks.json'),
      house.endpoint('token'),
    ]) {
      const preflight = await ask(url, { method: 'OPTIONS', headers: asked });
      expect([url, preflight.status < 300]).toEqual([url, true]);
      expect(preflight.header('access-control-allow-headers')?.toLowerCase()).toContain('mcp-protocol-version');
      const answer = await ask(url, { headers: { origin }, ...(url.endsWith('/token') ? { method: 'POST' } : {}) });
      expect(answer.header('access-control-allow-origin')).toBe('*');
    }
    const authorize = await ask(house.endpoint('authorize'), { headers: { origin } });
    expect(authorize.header('access-control-allow-origin')).toBeUndefined();
  });

  it('does not believe headers about its own address (AS-19)', async () => {
    const url = authorizationServerMetadataUrls(stack.issuer)[0]!;
    const honest = (await ask(url)).text;
    const lie = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    const answer = await ask(url, { headers: lie });
    expect(answer.text).not.toContain('evil.example');
    if (answer.status === 200) expect(answer.text).toBe(honest);
  });

  it('is 404 where there is nothing (AS-16)', async () => {
    for (const path of ['.well-known/oauth-authorization-server/nobody', '.well-known/nothing', 'nothing'])
      expect((await house.ask(path)).status).toBe(404);
  });

  it('publishes keys with kid, use and alg, and nothing private (AS-112)', async () => {
    const { keys } = (await house.ask('jwks.json')).json<{ keys: Record<string, string>[] }>();
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256', kid: expect.any(String) });
      expect(key).not.toHaveProperty('d');
    }
  });
});

describe('an issuer with a path', () => {
  let replica: Replica;
  let issuer: string;

  beforeAll(async () => {
    const port = await freePort();
    issuer = `http://127.0.0.1:${String(port)}/t1`;
    replica = await startReplica(stack, { ...WIDE_LIMITS, ISSUER: issuer }, port);
  }, 30_000);
  afterAll(() => replica.stop());

  it('answers at all three addresses that clients try, and its endpoints lie under the path (AS-03, AS-04)', async () => {
    const urls = authorizationServerMetadataUrls(issuer);
    expect(urls.map((url) => new URL(url).pathname)).toEqual([
      '/.well-known/oauth-authorization-server/t1',
      '/.well-known/openid-configuration/t1',
      '/t1/.well-known/openid-configuration',
    ]);
    for (const url of urls) expect((await read(url))['issuer']).toBe(issuer);
    expect((await ask(`${issuer}/jwks.json`)).status).toBe(200);
    expect((await ask(`${new URL(issuer).origin}/jwks.json`)).status).toBe(404);
    expect((await ask(`${new URL(issuer).origin}/.well-known/oauth-authorization-server`)).status).toBe(404);
  });
});
