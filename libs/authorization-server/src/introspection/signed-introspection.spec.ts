import { basic, newSecret } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { form, grantedTokens, ISSUER, memoryCore, TestAccessTokenKeys } from '../testing/memory-core.js';
import { prefersSigned } from './signed-introspection.js';

const JWT = 'application/token-introspection+jwt';

async function house() {
  const core = memoryCore();
  const granted = await grantedTokens(core);
  const secret = newSecret('ghx_');
  const serverId = granted.resource.serverId;
  await core.resources.publishServer({ id: serverId, secrets: [{ hash: core.secrets.hash(secret) }] });
  const ask = (token: string, accept = JWT) =>
    core.introspection.introspect({ parameters: form({ token }), authorization: basic(serverId, secret), accept });
  const signed = async (token: string) => {
    const answer = await ask(token);
    if (answer.mediaType !== JWT) throw new Error(`answered as ${answer.mediaType}`);
    return answer.body;
  };
  return { core, ...granted, serverId, ask, signed };
}

describe('a signed answer of introspection (AS-110)', () => {
  it('says who asked, who answered and when, and of the token exactly what the plain answer says', async () => {
    const { core, tokens, serverId, ask, signed } = await house();
    const answer = await signed(tokens.access_token);
    expect(decodeProtectedHeader(answer)).toEqual({ typ: 'token-introspection+jwt', alg: 'ES256', kid: 'k1' });
    expect(decodeJwt(answer)).toEqual({
      iss: ISSUER,
      aud: serverId,
      iat: Math.floor(core.clock.now().getTime() / 1000),
      token_introspection: (await ask(tokens.access_token, 'application/json')).body,
    });
    expect(decodeJwt(answer)['token_introspection']).toMatchObject({ active: true });
  });

  it('says in the same way that a token is not alive, and nothing else of it', async () => {
    const { client, core, tokens, signed } = await house();
    await core.revocation.revoke({ parameters: form({ client_id: client.id, token: tokens.access_token }) });
    for (const token of [tokens.access_token, 'x', tokens.refresh_token!]) {
      const answer = decodeJwt(await signed(token));
      expect(answer['token_introspection']).toEqual({ active: false });
      expect(Object.keys(answer).sort()).toEqual(['aud', 'iat', 'iss', 'token_introspection']);
    }
  });

  it('has neither subject nor end, so that nothing takes it for a token', async () => {
    const { tokens, signed } = await house();
    const answer = decodeJwt(await signed(tokens.access_token));
    for (const claim of ['exp', 'sub', 'nbf', 'scope', 'client_id']) expect(answer).not.toHaveProperty(claim);
  });

  it('is no access token, and an access token is no answer', async () => {
    const { core, tokens, ask, signed } = await house();
    const answer = await signed(tokens.access_token);
    expect(await core.accessTokens.read(answer)).toBeUndefined();
    expect((await ask(answer, 'application/json')).body).toEqual({ active: false });
    const key = (await new TestAccessTokenKeys().verificationKey('k1' as never))!;
    const asAnswer = { typ: 'token-introspection+jwt', algorithms: ['ES256'], currentDate: core.clock.now() };
    await expect(jwtVerify(answer, key, asAnswer)).resolves.toBeDefined();
    await expect(jwtVerify(tokens.access_token, key, asAnswer)).rejects.toThrow('typ');
    await expect(jwtVerify(answer, key, { ...asAnswer, typ: 'at+jwt' })).rejects.toThrow('typ');
  });

  it('is not replaced by an unsigned one when no key may sign', async () => {
    const { core, tokens, ask } = await house();
    core.signer.available = false;
    await expect(ask(tokens.access_token)).rejects.toMatchObject({ reason: 'keys_unavailable' });
    expect((await ask(tokens.access_token, 'application/json')).body).toMatchObject({ active: true });
  });

  it('goes to nobody who is not a resource server with its secret', async () => {
    const { core, tokens, serverId } = await house();
    const parameters = form({ token: tokens.access_token });
    const attempt = core.introspection.introspect({ parameters, authorization: basic(serverId, 'x'), accept: JWT });
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_client', reason: 'wrong_resource_server_secret' });
  });
});

describe('the Accept header', () => {
  it.each([JWT, `${JWT};q=0.5`, `application/json;q=0.9, ${JWT}`, `*/*, ${JWT.toUpperCase()}`, `${JWT} ; q=1.000`])(
    'asks for a signature by %j',
    (accept) => {
      expect(prefersSigned(accept)).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    '*/*',
    'application/*',
    'application/json',
    `${JWT};q=0`,
    `application/json, ${JWT};q=0.9`,
    `${JWT};q=2`,
    `${JWT};q=x`,
    'application/jwt',
    `x${JWT}`,
  ])('does not by %j', (accept) => {
    expect(prefersSigned(accept)).toBe(false);
  });
});
