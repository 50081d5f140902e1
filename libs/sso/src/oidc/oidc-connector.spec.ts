import {
  type ConfiguredProvider,
  type ProviderId,
  SsoProblem,
  type UpstreamAnswer,
  UpstreamFetch,
  type UpstreamRequest,
} from '@gatehouse/identity';
import { SystemClock } from '@gatehouse/protocol';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, exportJWK, exportPKCS8, generateKeyPair, SignJWT } from 'jose';
import { OidcConnector } from './oidc-connector.js';

const ISSUER = 'https://idp.example';
const CALLBACK = 'https://house.example/sso/corp/callback';
const GROUPS = 'https://graph.example/v1.0/me/groups?$select=id';

type Answers = Record<
  string,
  (request: UpstreamRequest, url: string) => { status?: number; body: unknown } | Promise<never>
>;

/** A provider in memory: what it answers by address, and what it was asked. */
class ScriptedFetch extends UpstreamFetch {
  readonly asked: { readonly url: string; readonly request: UpstreamRequest }[] = [];
  answers: Answers = {};

  override async fetch(url: string, request: UpstreamRequest): Promise<UpstreamAnswer> {
    this.asked.push({ url, request });
    const answer = this.answers[url.split('?')[0] ?? ''];
    if (!answer) throw new SsoProblem('provider_unavailable');
    const { status = 200, body } = await answer(request, url);
    return {
      status,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    };
  }

  to(url: string): readonly UpstreamRequest[] {
    return this.asked.filter((each) => each.url.split('?')[0] === url.split('?')[0]).map(({ request }) => request);
  }
}

describe('OidcConnector', () => {
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let jwk: object;
  let fetch: ScriptedFetch;
  let connector: OidcConnector;
  /** Of the ID token, besides what has to be there. */
  let claims: Record<string, unknown>;
  let nonce: string;

  beforeAll(async () => {
    keys = await generateKeyPair('RS256', { extractable: true });
    jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  });
  beforeEach(() => {
    claims = { email: 'zoe@corp.example', email_verified: true, name: 'Zoë', groups: ['a'] };
    fetch = new ScriptedFetch();
    fetch.answers = {
      [`${ISSUER}/.well-known/openid-configuration`]: () => ({ body: discovered() }),
      [`${ISSUER}/jwks`]: () => ({ body: { keys: [jwk] } }),
      [`${ISSUER}/token`]: async () => ({ body: await tokens() }) as never,
      [`${ISSUER}/userinfo`]: () => ({ body: { sub: 'zoe', email: 'told@corp.example', name: 'Told', groups: ['b'] } }),
    };
    connector = new OidcConnector({ fetch, clock: new SystemClock(), loopback: false });
  });

  const discovered = (): Record<string, unknown> => ({
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    userinfo_endpoint: `${ISSUER}/userinfo`,
    jwks_uri: `${ISSUER}/jwks`,
    id_token_signing_alg_values_supported: ['RS256', 'none', 'HS256'],
  });
  async function tokens(): Promise<object> {
    const now = Math.floor(Date.now() / 1000);
    const token = { iss: ISSUER, sub: 'zoe', aud: 'house', iat: now, exp: now + 60, nonce, ...claims };
    const id_token = await new SignJWT(token).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(keys.privateKey);
    return { access_token: 'opaque', token_type: 'Bearer', id_token };
  }
  function aProvider(
    settings: object = {},
    secrets: Record<string, string> = { client_secret: 'a:secret' },
  ): ConfiguredProvider {
    return {
      id: 'corp' as ProviderId,
      kind: 'oidc',
      name: 'Corp',
      domains: [],
      justInTime: true,
      settings: { issuer: ISSUER, client_id: 'house', ...settings },
      secrets,
      createdAt: new Date(0),
    };
  }
  async function journey(
    provider: ConfiguredProvider,
    wanted: { maxAge?: number; anew?: boolean; loginHint?: string } = {},
  ) {
    const { location, memory } = await connector.depart(provider, { callback: CALLBACK, state: 'ghv_1', ...wanted });
    const parameters = new URL(location).searchParams;
    nonce = parameters.get('nonce') ?? '';
    const url = `${CALLBACK}?code=c&state=ghv_1`;
    return {
      location,
      parameters,
      memory,
      arrive: () => connector.arrive(provider, { callback: CALLBACK, url, state: 'ghv_1', memory }),
    };
  }
  const reasonOf = async (work: Promise<unknown>): Promise<unknown> => {
    const error = await work.catch((thrown: unknown) => thrown);
    return error instanceof SsoProblem ? error.reason : error;
  };

  it('sends a person away with a challenge, a nonce and what was asked for, and remembers the rest', async () => {
    const provider = aProvider({ authorization_parameters: { domain_hint: 'corp.example' } });
    const { location, parameters, memory } = await journey(provider, { loginHint: 'zoe@corp.example', maxAge: 60 });
    expect(location.startsWith(`${ISSUER}/authorize?`)).toBe(true);
    expect(Object.fromEntries(parameters)).toMatchObject({
      client_id: 'house',
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid profile email',
      state: 'ghv_1',
      code_challenge_method: 'S256',
      login_hint: 'zoe@corp.example',
      max_age: '60',
      domain_hint: 'corp.example',
    });
    expect(location).not.toContain(memory['verifier']);
  });

  it('says who came, as the ID token has it, and asks for nothing more', async () => {
    claims = { ...claims, auth_time: 1_700_000_000, sid: 'up', amr: ['pwd', 'mfa'], preferred_username: 'zoe' };
    const { arrive } = await journey(aProvider({ strong: { amr: ['mfa'] } }));
    expect(await arrive()).toEqual({
      issuer: ISSUER,
      subject: 'zoe',
      email: 'zoe@corp.example',
      emailVerified: true,
      username: 'zoe',
      displayName: 'Zoë',
      groups: ['a'],
      authenticatedAt: new Date(1_700_000_000_000),
      amr: ['pwd', 'mfa'],
      strong: true,
      upstreamSession: 'up',
    });
    expect(fetch.to(`${ISSUER}/userinfo`)).toEqual([]);
    const [{ headers } = { headers: {} }] = fetch.to(`${ISSUER}/token`);
    expect(headers).toMatchObject({ authorization: `Basic ${Buffer.from('house:a%3Asecret').toString('base64')}` });
  });

  it('asks userinfo for what the ID token lacks, and holds to what that one said', async () => {
    claims = { email: 'zoe@corp.example' };
    const person = await (await journey(aProvider())).arrive();
    expect(person).toMatchObject({
      email: 'zoe@corp.example',
      displayName: 'Told',
      groups: ['b'],
      emailVerified: false,
    });
  });

  it('does not take what userinfo says of somebody else', async () => {
    claims = {};
    fetch.answers[`${ISSUER}/userinfo`] = () => ({ body: { sub: 'admin', email: 'admin@corp.example' } });
    expect(await reasonOf((await journey(aProvider())).arrive())).toBe('invalid_provider_answer');
  });

  it('does not go on without userinfo when it was needed: groups would be lost', async () => {
    claims = {};
    fetch.answers[`${ISSUER}/userinfo`] = () => ({ status: 503, body: {} });
    expect(await reasonOf((await journey(aProvider())).arrive())).toBe('provider_unavailable');
  });

  it('signs for itself with a key instead of a secret, in PEM or as a JWK', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    for (const key of [await exportPKCS8(privateKey), JSON.stringify(await exportJWK(privateKey))]) {
      const settings = { token_endpoint_auth_method: 'private_key_jwt', key_id: 'k1', key_algorithm: 'ES256' };
      await (await journey(aProvider(settings, { private_key: key }))).arrive();
      const body = new URLSearchParams(fetch.to(`${ISSUER}/token`).at(-1)?.body);
      const assertion = body.get('client_assertion') ?? '';
      expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'ES256', kid: 'k1' });
      expect(decodeJwt(assertion)).toMatchObject({ iss: 'house', sub: 'house' });
      expect(body.has('client_secret')).toBe(false);
    }
  });

  describe('groups that a token has no room for', () => {
    beforeEach(() => {
      claims = {
        ...claims,
        groups: undefined,
        _claim_names: { groups: 'src1' },
        _claim_sources: { src1: { endpoint: 'https://evil.example/' } },
      };
    });

    it('are asked for at the address of the operator, page by page, and never at the one in the token', async () => {
      const next = `${GROUPS}&$skiptoken=2`;
      fetch.answers['https://graph.example/v1.0/me/groups'] = (_, url) => ({
        body: url === GROUPS ? { value: [{ id: 'g1' }], '@odata.nextLink': next } : { value: ['g2'] },
      });
      const person = await (await journey(aProvider({ groups_endpoint: GROUPS }))).arrive();
      expect(person.groups).toEqual(['g1', 'g2']);
      expect(fetch.to(GROUPS)[0]?.headers).toMatchObject({ authorization: 'Bearer opaque' });
      expect(fetch.asked.some(({ url }) => url.includes('evil'))).toBe(false);
    });

    it('let nobody in without them when no address is configured', async () => {
      expect(await reasonOf((await journey(aProvider())).arrive())).toBe('provider_misconfigured');
    });

    it.each([
      [
        'next page is elsewhere',
        { value: [], '@odata.nextLink': 'https://evil.example/v1.0/me/groups' },
        200,
        'invalid_provider_answer',
      ],
      ['pages never end', { value: [], '@odata.nextLink': GROUPS }, 200, 'invalid_provider_answer'],
      ['answer is another thing', { groups: [] }, 200, 'invalid_provider_answer'],
      ['token may not ask', {}, 403, 'provider_misconfigured'],
      ['place is busy', {}, 429, 'provider_unavailable'],
    ] as const)('let nobody in when the %s', async (_, body, status, reason) => {
      fetch.answers['https://graph.example/v1.0/me/groups'] = () => ({ status, body });
      expect(await reasonOf((await journey(aProvider({ groups_endpoint: GROUPS }))).arrive())).toBe(reason);
      expect(fetch.asked.some(({ url }) => url.includes('evil'))).toBe(false);
    });
  });

  it.each([
    ['required claim is missing', { required_claims: { hd: 'corp.example' } }, {}, 'provider_refused'],
    ['tenant is another', { required_claims: { tid: 't1' } }, { tid: 't2' }, 'provider_refused'],
  ])('lets nobody in whose %s', async (_, settings, more, reason) => {
    claims = { ...claims, ...more };
    expect(await reasonOf((await journey(aProvider(settings))).arrive())).toBe(reason);
  });

  it('believes an address only by the claim that the operator named, or by the operator’s word', async () => {
    claims = { ...claims, email_verified: undefined };
    expect((await (await journey(aProvider())).arrive()).emailVerified).toBe(false);
    expect((await (await journey(aProvider({ email_always_verified: true }))).arrive()).emailVerified).toBe(true);
    claims = { ...claims, email_verified: true, xms_edov: false };
    const settings = { claims: { email_verified: 'xms_edov' } };
    expect((await (await journey(aProvider(settings))).arrive()).emailVerified).toBe(false);
    claims = { ...claims, xms_edov: '1' };
    expect((await (await journey(aProvider(settings))).arrive()).emailVerified).toBe(true);
  });

  it('reads the description of a provider once for many sign-ins, and anew when its settings change', async () => {
    const at = `${ISSUER}/.well-known/openid-configuration`;
    for (let count = 0; count < 3; count += 1) await (await journey(aProvider())).arrive();
    expect(fetch.to(at)).toHaveLength(1);
    await journey(aProvider({ scopes: ['openid'] }));
    expect(fetch.to(at)).toHaveLength(2);
  });

  it.each([
    ['names another issuer', { issuer: 'https://other.example' }],
    ['sends people to plain http', { authorization_endpoint: 'http://idp.example/authorize' }],
    ['sends people into a script', { authorization_endpoint: 'javascript:alert(1)' }],
    ['sends people nowhere', { authorization_endpoint: undefined }],
  ])('does not send anybody to a provider whose description %s', async (_, more) => {
    fetch.answers[`${ISSUER}/.well-known/openid-configuration`] = () => ({ body: { ...discovered(), ...more } });
    expect(await reasonOf(journey(aProvider()))).toBe('invalid_provider_answer');
  });

  it('tells apart who is at fault', async () => {
    fetch.answers[`${ISSUER}/token`] = () => ({ status: 401, body: { error: 'invalid_client' } });
    expect(await reasonOf((await journey(aProvider())).arrive())).toBe('provider_misconfigured');
    fetch.answers[`${ISSUER}/token`] = () => ({ status: 500, body: 'hunter2' });
    expect(await reasonOf((await journey(aProvider())).arrive())).toBe('provider_unavailable');
    fetch.answers[`${ISSUER}/token`] = () => ({ body: 'hunter2' });
    const error: unknown = await (await journey(aProvider())).arrive().catch((thrown: unknown) => thrown);
    if (!(error instanceof SsoProblem)) throw new Error('nothing was refused');
    expect(error.reason).toBe('invalid_provider_answer');
    expect(JSON.stringify([String(error), String(error.cause)])).not.toContain('hunter2');
  });

  it.each([
    [{ issuer: ISSUER }, { client_secret: 's' }, 'settings.client_id'],
    [{ issuer: 'ftp://x', client_id: 'x' }, { client_secret: 's' }, 'settings.issuer'],
    [{ issuer: `${ISSUER}/?x=1`, client_id: 'x' }, { client_secret: 's' }, 'settings.issuer'],
    [{ issuer: ISSUER, client_id: 'x', scopes: ['email'] }, { client_secret: 's' }, 'settings.scopes'],
    [{ issuer: ISSUER, client_id: 'x', client_secret: 'hunter2' }, { client_secret: 's' }, 'settings'],
    [
      { issuer: ISSUER, client_id: 'x', authorization_parameters: { state: 'x' } },
      { client_secret: 's' },
      'settings.authorization_parameters',
    ],
    [{ issuer: ISSUER, client_id: 'x' }, {}, 'secrets.client_secret'],
    [{ issuer: ISSUER, client_id: 'x' }, { client_secret: 's', private_key: 'hunter2' }, 'secrets.private_key'],
  ])('says what is wrong with %j, and repeats no value', (settings, secrets, place) => {
    const problems = connector.problems(settings, secrets);
    expect(problems.join('\n')).toContain(place);
    expect(problems.join('\n')).not.toContain('hunter2');
  });
});
