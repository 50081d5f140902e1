/*
 * One key signs all that this server says. Here every kind of JWT goes to every place that takes one, with claims that
 * would satisfy all of them, so that only its type can tell: what is good in one place is nothing in the others.
 */
import { basic, type ClientId, newSecret } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { TOKEN_EXCHANGE_GRANT } from '../clients/client.js';
import { form, grantedTokens, ISSUER, memoryCore, TestAccessTokenKeys } from '../testing/memory-core.js';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const KINDS = ['at+jwt', 'JWT', 'logout+jwt', 'token-introspection+jwt', 'dpop+jwt', 'client-authentication+jwt'];

async function house() {
  const core = memoryCore({ policy: { dpopNonces: false } });
  const granted = await grantedTokens(core);
  const { client, resource, person, authorizationId } = granted;
  const secret = newSecret('ghx_');
  await core.resources.publishServer({ id: resource.serverId, secrets: [{ hash: core.secrets.hash(secret) }] });
  const gateway = core.client({
    id: 'gateway' as ClientId,
    origin: 'pre-registered',
    grantTypes: [TOKEN_EXCHANGE_GRANT],
    authMethod: 'client_secret_post',
    secrets: [{ hash: core.secrets.hash(secret) }],
    exchanges: [{ from: resource.identifier, to: resource.identifier, scopes: { 'invoices:read': 'invoices:read' } }],
  });
  const iat = Math.floor(core.clock.now().getTime() / 1000);
  const claims = {
    iss: ISSUER,
    sub: person.accountId,
    aud: resource.identifier,
    client_id: client.id,
    scope: 'invoices:read',
    iat,
    exp: iat + 300,
    jti: 'one',
    auth_time: iat,
    nonce: 'n',
    sid: person.sid,
    grant_id: authorizationId,
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    token_introspection: { active: true },
    htm: 'POST',
    htu: `${ISSUER}/token`,
  };
  const made = (typ: string, change: Readonly<Record<string, unknown>> = {}) =>
    core.signer.sign({ ...claims, ...change }, typ);
  return { core, ...granted, gateway, secret, made };
}

type House = Awaited<ReturnType<typeof house>>;

const refused = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => false,
    (error: unknown) => {
      expect(error).toMatchObject({ name: 'OAuthError' });
      return true;
    },
  );

const PLACES: readonly [string, readonly string[], (of: House, token: string) => Promise<boolean>][] = [
  [
    'introspection',
    ['at+jwt'],
    async ({ core, resource, secret }, token) => {
      const authorization = basic(resource.serverId, secret);
      const { body } = await core.introspection.introspect({ parameters: form({ token }), authorization });
      return (body as { readonly active: boolean }).active;
    },
  ],
  [
    'the token of an exchange',
    ['at+jwt'],
    async ({ core, gateway, secret, resource }, token) =>
      !(await refused(
        core.token.handle({
          parameters: form({
            grant_type: TOKEN_EXCHANGE_GRANT,
            client_id: gateway.id,
            client_secret: secret,
            subject_token: token,
            subject_token_type: ACCESS_TOKEN,
            resource: resource.identifier,
          }),
        }),
      )),
  ],
  [
    'revocation',
    ['at+jwt'],
    async ({ core, client, authorizationId }, token) => {
      await core.revocation.revoke({ parameters: form({ client_id: client.id, token }) });
      return (await core.authorizations.find(authorizationId))?.authorization.revoked !== undefined;
    },
  ],
  [
    'the resources of this server',
    ['at+jwt'],
    async ({ core, resource }, token) =>
      !(await refused(
        core.ownAccess.admit({
          authorization: [`Bearer ${token}`],
          proofs: [],
          query: '',
          method: 'GET',
          url: resource.identifier,
          resource,
          scopes: ['invoices:read'],
        }),
      )),
  ],
  ['a hint', ['JWT'], async ({ core }, token) => (await core.idTokenHints.read(token)) !== undefined],
  [
    'a proof',
    [],
    async ({ core }, token) => !(await refused(core.dpop.shown([token], '/token').then((proof) => proof?.jkt))),
  ],
];

describe.each(PLACES)('%s', (_, good, takes) => {
  it.each(KINDS)('takes of what is signed with the key only what it is there for: %s', async (typ) => {
    const of = await house();
    expect(await takes(of, await of.made(typ))).toBe(good.includes(typ));
  });
});

describe('an assertion of a client', () => {
  it.each(KINDS)(
    'is nothing that this server has signed, should a client name its keys as its own: %s',
    async (typ) => {
      const { core, made } = await house();
      const key = (await new TestAccessTokenKeys().verificationKey('k1' as never))!;
      const jwk = { ...key.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' };
      const posing = core.client({
        id: 'https://client.example/id' as ClientId,
        authMethod: 'private_key_jwt',
        keys: { jwks: [jwk] },
      });
      const authenticate = async (change: Readonly<Record<string, unknown>>) =>
        core.clientAuthentication.authenticate({
          parameters: form({
            client_id: posing.id,
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: await made(typ, { aud: ISSUER, ...change }),
          }),
        });
      expect(await refused(authenticate({}))).toBe(true);
      expect(await refused(authenticate({ sub: posing.id }))).toBe(true);
      expect(await refused(authenticate({ aud: posing.id }))).toBe(true);
    },
  );
});
