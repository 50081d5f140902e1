import { basic, OAuthError } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ServerPolicy } from '../server-policy.js';
import { form, memoryCore } from '../testing/memory-core.js';

const MINIMAL = { redirect_uris: ['http://127.0.0.1/callback'], token_endpoint_auth_method: 'none' };

function house(policy: Partial<ServerPolicy> = {}) {
  const core = memoryCore({ policy });
  const register = (change: Record<string, unknown> = {}) => core.registration.register({ ...MINIMAL, ...change });
  return { core, register, stored: () => [...core.database.clients.values()] };
}
const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason, status: 400 });

describe('an honest registration', () => {
  it.each(['none', 'HS256', 'RS256'])(
    'that expects ID tokens signed with %s learns that it gets others',
    async (alg) => {
      const information = await house().register({ id_token_signed_response_alg: alg });
      expect(information.id_token_signed_response_alg).toBe('ES256');
    },
  );

  it('of an MCP client gives a public client and says all that was registered', async () => {
    const { core, register, stored } = house();
    const information = await register({
      client_name: 'Ledger assistant',
      client_uri: 'https://ledger.example/about',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'invoices:read offline_access',
      software_id: 'ledger',
      software_version: '1.2.3',
    });
    expect(information).toEqual({
      client_id: expect.stringMatching(/^c_[0-9a-f]{32}$/),
      client_id_issued_at: Math.floor(core.clock.now().getTime() / 1000),
      redirect_uris: ['http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      application_type: 'native',
      client_name: 'Ledger assistant',
      client_uri: 'https://ledger.example/about',
      software_id: 'ledger',
      software_version: '1.2.3',
      id_token_signed_response_alg: 'ES256',
    });
    expect(stored()).toEqual([expect.objectContaining({ id: information.client_id, origin: 'dynamic', secrets: [] })]);
    expect(core.database.audit).toEqual([
      expect.objectContaining({ type: 'client.registered', clientId: information.client_id }),
    ]);
  });

  it('says where people go after signing out and where the client is told, and keeps both to the rules', async () => {
    const { register } = house();
    const said = {
      post_logout_redirect_uris: ['https://ledger.example/bye', 'http://127.0.0.1/bye'],
      backchannel_logout_uri: 'https://ledger.example/out',
      backchannel_logout_session_required: true,
    };
    expect(await register(said)).toMatchObject(said);
    expect(await register({ backchannel_logout_session_required: true })).not.toHaveProperty(
      'backchannel_logout_session_required',
    );
    for (const uri of ['javascript:alert(1)', 'http://ledger.example/', 'https://a.example/#x', 'https://a/?state=1'])
      await expect(register({ post_logout_redirect_uris: [uri] })).rejects.toMatchObject({
        code: 'invalid_client_metadata',
      });
    for (const uri of ['http://ledger.example/out', 'https://u:p@ledger.example/', 'https://ledger.example/#x', 7])
      await expect(register({ backchannel_logout_uri: uri })).rejects.toMatchObject({
        code: 'invalid_client_metadata',
        reason: 'invalid_client_metadata',
      });
  });

  it('gets the defaults of the RFC, with a secret that is shown once and works', async () => {
    const { core, stored } = house();
    const information = await core.registration.register({ redirect_uris: ['https://app.example/cb'] });
    expect(information).toMatchObject({
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      application_type: 'web',
      client_secret: expect.stringMatching(/^ghs_[A-Za-z0-9_-]{43}$/),
      client_secret_expires_at: 0,
    });
    expect(JSON.stringify(stored())).not.toContain(information.client_secret);
    expect(stored()[0]?.secrets).toEqual([{ hash: core.secrets.hash(information.client_secret!) }]);
    const authorization = basic(information.client_id, information.client_secret!);
    await expect(
      core.clientAuthentication.authenticate({ parameters: form({}), authorization }),
    ).resolves.toBeDefined();
  });

  it('loses what is not supported, and is told so', async () => {
    const { register } = house();
    const information = await register({
      grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code', 'refresh_token', 'implicit'],
      response_types: ['code', 'code id_token'],
      logo_uri: 'https://app.example/logo.svg',
      jwks_uri: 'https://app.example/jwks',
      tos_uri: 'javascript:alert(1)',
      software_statement: 'a.b.c',
      id_token_signed_response_alg: 'none',
      contacts: ['a@app.example'],
    });
    expect(information.grant_types).toEqual(['authorization_code', 'refresh_token']);
    expect(information.response_types).toEqual(['code']);
    for (const member of ['logo_uri', 'jwks_uri', 'tos_uri', 'software_statement', 'contacts', 'scope'])
      expect(information).not.toHaveProperty(member);
  });

  it('may send null for what it leaves out, and the same address twice', async () => {
    const { register } = house();
    const information = await register({
      client_name: null,
      grant_types: null,
      redirect_uris: ['http://127.0.0.1/callback', 'http://127.0.0.1/callback'],
    });
    expect(information).toMatchObject({
      client_name: 'Unnamed client',
      grant_types: ['authorization_code'],
      redirect_uris: ['http://127.0.0.1/callback'],
    });
  });
});

describe('the application type', () => {
  const LOOPBACK = 'http://127.0.0.1/cb';
  const HTTPS = 'https://app.example/cb';
  const CUSTOM = 'com.example.app:/cb';
  const LOCAL_HTTPS = 'https://localhost/cb';

  it.each([
    [undefined, [LOOPBACK], 'native'],
    [undefined, [CUSTOM], 'native'],
    [undefined, [HTTPS], 'web'],
    [undefined, [HTTPS, LOOPBACK], 'native'],
    [undefined, [LOCAL_HTTPS], 'native'],
    ['native', [LOOPBACK, CUSTOM], 'native'],
    ['native', [HTTPS, LOOPBACK], 'native'],
    ['native', [HTTPS], 'native'],
    ['web', [HTTPS], 'web'],
  ])('%s with %j is %s', async (application_type, redirect_uris, registered) => {
    const { register } = house({ redirectSchemes: ['com.example.app'] });
    expect(await register({ application_type, redirect_uris })).toMatchObject({ application_type: registered });
  });

  it.each([[[LOOPBACK]], [[HTTPS, LOOPBACK]], [[CUSTOM]], [[LOCAL_HTTPS]]])(
    'web with %j is refused',
    async (redirect_uris) => {
      const { register } = house({ redirectSchemes: ['com.example.app'] });
      await expect(register({ application_type: 'web', redirect_uris })).rejects.toEqual(
        refusal('invalid_redirect_uri', 'invalid_application_type'),
      );
    },
  );

  it('is refused when it is neither', async () => {
    const { register } = house();
    await expect(register({ application_type: 'service' })).rejects.toEqual(
      refusal('invalid_client_metadata', 'invalid_application_type'),
    );
  });
});

describe('a registration that would hurt somebody', () => {
  it.each([
    ['http://app.example/cb', 'invalid_redirect_uri'],
    ['javascript:alert(1)', 'forbidden_redirect_scheme'],
    ['data:text/html,x', 'forbidden_redirect_scheme'],
    ['cursor://anysphere/cb', 'forbidden_redirect_scheme'],
    ['https://app.example/cb#x', 'invalid_redirect_uri'],
    ['https://user@app.example/cb', 'invalid_redirect_uri'],
    ['https://app.example/cb?code=planted', 'invalid_redirect_uri'],
    ['https://app.example/cb?a=1&%73tate=planted', 'invalid_redirect_uri'],
    ['https://app.example/cb?iss=https://other.example', 'invalid_redirect_uri'],
  ])('is refused for the redirect URI %s', async (uri, reason) => {
    const { register, stored } = house();
    await expect(register({ redirect_uris: ['https://app.example/cb', uri] })).rejects.toEqual(
      refusal('invalid_redirect_uri', reason),
    );
    expect(stored()).toEqual([]);
  });

  it.each([
    ['no redirect URI', undefined, 'missing_redirect_uri'],
    ['an empty list', [], 'invalid_redirect_uri'],
    ['a string', 'https://app.example/cb', 'invalid_redirect_uri'],
    ['a number in the list', [1], 'invalid_redirect_uri'],
    ['too many', Array.from({ length: 21 }, (_, index) => `https://app.example/${index}`), 'invalid_redirect_uri'],
    ['a long one', [`https://app.example/${'a'.repeat(2000)}`], 'invalid_redirect_uri'],
  ])('is refused with %s', async (_what, redirect_uris, reason) => {
    const { core } = house();
    const body = redirect_uris === undefined ? {} : { redirect_uris };
    await expect(core.registration.register(body)).rejects.toEqual(refusal('invalid_redirect_uri', reason));
  });

  it.each([
    ['an unsupported method', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['no code flow left', { grant_types: ['client_credentials'] }],
    ['refreshing alone', { grant_types: ['refresh_token'] }],
    ['no grant', { grant_types: [] }],
    ['the implicit flow', { response_types: ['token'] }],
    ['a grant list that is none', { grant_types: 'authorization_code' }],
    ['keys twice', { jwks: { keys: [] }, jwks_uri: 'https://app.example/jwks' }],
    ['a malformed scope', { scope: 'a"b' }],
    ['a scope that is no text', { scope: ['a'] }],
    ['a long name', { client_name: 'a'.repeat(101) }],
    ['a huge name', { client_name: '\u200B'.repeat(1_000_000) }],
    ['a name that is no text', { client_name: { toString: 'x' } }],
    ['a long software id', { software_id: 'a'.repeat(101) }],
  ])('is refused with %s', async (_what, change) => {
    const { register, stored } = house();
    await expect(register(change)).rejects.toEqual(refusal('invalid_client_metadata', 'invalid_client_metadata'));
    expect(stored()).toEqual([]);
  });

  it.each([null, undefined, 'x', 7, [], [MINIMAL]])('is refused when the body is %j', async (body) => {
    const { core } = house();
    await expect(core.registration.register(body)).rejects.toEqual(
      refusal('invalid_client_metadata', 'invalid_client_metadata'),
    );
  });

  it('keeps no name that poses as another, and no address of a page that is not https', async () => {
    const { register } = house();
    expect(await register({ client_name: 'Claude\u202E\u0000', client_uri: 'javascript:alert(1)' })).toMatchObject({
      client_name: 'Claude',
    });
    for (const client_uri of ['javascript:alert(1)', 'http://ledger.example', 'https://', 'https://a b/', 'https://ä/'])
      expect(await register({ client_uri })).not.toHaveProperty('client_uri');
  });

  it('gives itself no right: neither scope, origin nor id are its own to say', async () => {
    const { register, stored } = house();
    await register({
      client_id: 'c_mine',
      origin: 'pre-registered',
      scopes: ['x'],
      scope: 'invoices:refund',
      secrets: [],
    });
    expect(stored()[0]).toMatchObject({ origin: 'dynamic' });
    expect(stored()[0]?.id).not.toBe('c_mine');
    expect(stored()[0]).not.toHaveProperty('scopes');
  });

  it('is answered with a registration or an error of the RFC, whatever JSON comes', async () => {
    const { core } = house();
    const member = fc.constantFrom(
      ...['redirect_uris', 'grant_types', 'client_name', 'scope', 'application_type', 'client_uri', '__proto__'],
    );
    const body = fc.dictionary(member, fc.oneof(fc.jsonValue(), fc.constant(MINIMAL.redirect_uris)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(body, fc.jsonValue()), async (value) => {
        try {
          expect((await core.registration.register(value)).client_id).toMatch(/^c_/);
        } catch (error) {
          expect(error).toBeInstanceOf(OAuthError);
          expect(['invalid_redirect_uri', 'invalid_client_metadata']).toContain((error as OAuthError).code);
        }
      }),
      { numRuns: 300 },
    );
  });
});
