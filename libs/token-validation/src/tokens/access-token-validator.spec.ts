import { createHmac, generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { resourceIdentifier } from '@gatehouse/protocol';
import { CachedIssuerKeys } from '../keys/cached-issuer-keys.js';
import { MemoryKeySetSource, StoppedClock, TestIssuer, type TokenParts } from '../testing/index.js';
import { AccessTokenValidator } from './access-token-validator.js';

const invoices = resourceIdentifier('https://rs.example/invoices/mcp');
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let clock: StoppedClock;
let issuer: TestIssuer;
let source: MemoryKeySetSource;
let validator: AccessTokenValidator;

beforeEach(() => {
  clock = new StoppedClock();
  issuer = new TestIssuer(clock);
  source = new MemoryKeySetSource([issuer.publicJwk]);
  validator = new AccessTokenValidator({ issuer: issuer.identifier }, new CachedIssuerKeys(source, clock), clock);
});

const validate = async (parts: TokenParts = {}, audience: string = invoices): Promise<unknown> =>
  validator.validate(await issuer.token(audience, parts), invoices);
const refused = async (attempt: Promise<unknown>, reason: string): Promise<void> =>
  expect(attempt).rejects.toMatchObject({ code: 'invalid_token', status: 401, reason });

const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';
const encode = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString('base64url');

describe('an honest token', () => {
  it('RS-43: becomes a principal with the rights of its claims', async () => {
    const claims = { scope: 'invoices:read invoices:write', jti: 'j-1', acr: 'urn:gatehouse:acr:1fa' };
    expect(await validate({ claims })).toEqual({
      subject: 'a-1',
      clientId: 'c-1',
      scopes: ['invoices:read', 'invoices:write'],
      authorizationId: '0198f5a0-0000-7000-8000-000000000001',
      tokenId: 'j-1',
      expiresAt: new Date('2026-08-01T12:05:00Z'),
      resource: invoices,
      authenticatedAt: new Date('2026-08-01T11:59:50Z'),
      acr: 'urn:gatehouse:acr:1fa',
      priorActors: [],
    });
  });

  it('is accepted with the long form of its type, without scope, grant id, and a word about the sign-in', async () => {
    const claims = { scope: undefined, grant_id: undefined, auth_time: undefined };
    expect(await validate({ header: { typ: 'application/at+jwt' }, claims })).toMatchObject({
      scopes: [],
      authorizationId: undefined,
      authenticatedAt: undefined,
      acr: undefined,
    });
  });

  it('RS-42: is accepted when this resource is one of several whole audiences', async () => {
    expect(await validate({ claims: { aud: ['https://other.example/mcp', invoices] } })).toMatchObject({
      resource: invoices,
    });
  });

  it('survives an issuer whose clock is a minute ahead, and one some seconds behind (DP-07)', async () => {
    expect(await validate({ claims: { iat: 1785585660, nbf: 1785585660, exp: 1785585960 } })).toBeDefined();
    expect(await validate({ claims: { exp: 1785585596 } })).toBeDefined();
  });
});

describe('a forged token (RS-43)', () => {
  it('is refused when it is not signed at all', async () => {
    const token = `${encode({ typ: 'at+jwt', alg: 'none', kid: 'key-1' })}.${encode(issuer.claims(invoices))}.`;
    await refused(validator.validate(token, invoices), 'wrong_algorithm');
  });

  it.each(['spki', 'jwk', 'point'] as const)(
    'is refused when the public key (%s) was used as a shared secret',
    async (as) => {
      const secret = {
        spki: issuer.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        jwk: JSON.stringify(issuer.publicJwk),
        point: issuer.publicJwk.x ?? '',
      }[as];
      const input = `${encode({ typ: 'at+jwt', alg: 'HS256', kid: 'key-1' })}.${encode(issuer.claims(invoices))}`;
      const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      await refused(validator.validate(token, invoices), 'wrong_algorithm');
    },
  );

  it('is refused when another key has signed it', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await refused(validate({ signedWith: privateKey }), 'wrong_signature');
  });

  it('is refused when claims were changed after signing', async () => {
    const [header, , signature] = (await issuer.token(invoices)).split('.');
    const claims = encode(issuer.claims(invoices, { sub: 'somebody-else' }));
    await refused(validator.validate(`${header ?? ''}.${claims}.${signature ?? ''}`, invoices), 'wrong_signature');
  });

  it.each([['jwk'], ['jku'], ['x5u'], ['x5c']])('is refused when it brings its own key by "%s"', async (member) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const own = { jwk: publicKey.export({ format: 'jwk' }), jku: 'https://evil.example/jwks' }[member] ?? ['x'];
    await refused(validate({ header: { [member]: own }, signedWith: privateKey }), 'malformed_access_token');
    await refused(validate({ header: { [member]: own } }), 'malformed_access_token');
  });

  it('is refused for critical extensions, which nobody here understands', async () => {
    const [, claims, signature] = (await issuer.token(invoices)).split('.');
    for (const more of [{ crit: ['exp'], exp: 1 }, { crit: [] }, { b64: false, crit: ['b64'] }, { zip: 'DEF' }]) {
      const header = encode({ typ: 'at+jwt', alg: 'ES256', kid: 'key-1', ...more });
      await refused(
        validator.validate(`${header}.${claims ?? ''}.${signature ?? ''}`, invoices),
        'malformed_access_token',
      );
    }
  });

  it('is refused for an unknown key, and makes us ask the issuer once only', async () => {
    for (let index = 0; index < 20; index++)
      await refused(validate({ header: { kid: `invented-${index}` } }), 'unknown_key');
    for (const kid of [undefined, '', 7, 'x'.repeat(300)]) await refused(validate({ header: { kid } }), 'unknown_key');
    expect(source.requests).toBe(1);
  });

  it('is refused for an algorithm that is not the key’s, also when both are allowed', async () => {
    const lenient = new AccessTokenValidator(
      { issuer: issuer.identifier, algorithms: ['ES256', 'RS256'] },
      new CachedIssuerKeys(source, clock),
      clock,
    );
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const token = await issuer.token(invoices, { header: { alg: 'RS256' }, signedWith: privateKey });
    await refused(lenient.validate(token, invoices), 'wrong_algorithm');
    await refused(validator.validate(token, invoices), 'wrong_algorithm');
  });

  it.each([
    [''],
    ['a.b.c'],
    ['..'],
    ['not a token'],
    ['a.b'],
    ['a.b.c.d'],
    ['a.b.c.d.e'],
    [`${encode([])}.e30.e30`],
    [`${encode('x')}.e30.e30`],
    ['bnVsbA.e30.e30'],
    ['gICA.e30.e30'],
  ])('is refused when it is garbage: "%s"', async (token) => {
    await refused(validator.validate(token, invoices), 'malformed_access_token');
  });
});

describe('a genuine token for something else', () => {
  it.each([
    ['JWT'],
    ['jwt'],
    ['oauth-id-jag+jwt'],
    ['dpop+jwt'],
    ['logout+jwt'],
    ['token-introspection+jwt'],
    ['at+jwt+x'],
    [undefined],
    [7],
  ])('RS-43: is refused as type %j, so that ID tokens and ID-JAGs open nothing', async (typ) => {
    await refused(validate({ header: { typ } }), 'wrong_token_type');
  });

  it.each([
    ['to a certificate', { 'x5t#S256': JKT }],
    ['to two things', { jkt: JKT, 'x5t#S256': JKT }],
    ['to what is no thumbprint', { jkt: 'x' }],
    ['to several keys', { jkt: [JKT] }],
    ['to nothing', {}],
    ['by a word', JKT],
    ['by null', null],
  ])('is refused when it is bound %s, which nobody here can check', async (_, cnf) => {
    await refused(validate({ claims: { cnf } }), 'wrong_token_type');
  });

  it('says which key it is bound to, first and from memory (RS-50)', async () => {
    const token = await issuer.token(invoices, { claims: { cnf: { jkt: JKT } } });
    for (let time = 0; time < 2; time++)
      expect(await validator.validate(token, invoices)).toMatchObject({ boundTo: JKT });
  });

  it.each([
    ['https://rs.example/expenses/mcp'],
    ['https://rs.example/invoices'],
    ['https://rs.example/invoices/mcp/'],
    ['https://rs.example/invoices/mcp/admin'],
    ['https://rs.example'],
    ['https://RS.example/invoices/mcp'],
    ['https://rs.example:443/invoices/mcp'],
    ['http://rs.example/invoices/mcp'],
    ['https://rs.example/invoices/mcp https://other.example'],
    ['https://rs.example/invoices/mcp\u0000'],
    ['*'],
  ])('RS-42: is refused for the audience %s', async (audience) => {
    await refused(validate({}, audience), 'wrong_audience');
    await refused(validate({ claims: { aud: [audience] } }), 'wrong_audience');
  });

  it('RS-45: is refused by a sibling although it was accepted here before', async () => {
    const token = await issuer.token(invoices);
    await validator.validate(token, invoices);
    await refused(validator.validate(token, resourceIdentifier('https://rs.example/expenses/mcp')), 'wrong_audience');
  });

  it.each([[[[invoices]]], [[invoices, 7]], [{}], [[]], [7], [null], [['']], [{ 0: invoices, length: 1 }]])(
    'RS-42: is refused for the odd audience %j',
    async (aud) => {
      await refused(validate({ claims: { aud } }), 'malformed_access_token');
    },
  );

  it.each([
    ['https://issuer.example/t1/'],
    ['https://issuer.example'],
    ['https://ISSUER.example/t1'],
    ['https://evil.example'],
  ])('RS-46: is refused for the issuer %s', async (iss) => {
    await refused(validate({ claims: { iss } }), 'wrong_issuer');
  });
});

describe('a token and time', () => {
  it('RS-41: is refused once it has expired, also when it was accepted before', async () => {
    const token = await issuer.token(invoices);
    await validator.validate(token, invoices);
    clock.advance(304);
    expect(await validator.validate(token, invoices)).toBeDefined();
    clock.advance(1);
    await refused(validator.validate(token, invoices), 'access_token_expired');
  });

  it('is refused before its time', async () => {
    await refused(validate({ claims: { nbf: 1785585661 } }), 'access_token_not_yet_valid');
    await refused(validate({ claims: { iat: 1785585661 } }), 'access_token_not_yet_valid');
  });

  it.each([['exp'], ['iat'], ['sub'], ['aud'], ['iss'], ['client_id'], ['jti']])(
    'is refused without %s',
    async (claim) => {
      await refused(validate({ claims: { [claim]: undefined } }), 'missing_claim');
    },
  );

  it.each([
    ['exp', '1785585900'],
    ['exp', 1e300],
    ['exp', null],
    ['iat', -1],
    ['nbf', true],
    ['auth_time', '1785585900'],
    ['acr', 1],
    ['sub', 7],
    ['client_id', ['c-1']],
    ['scope', ['invoices:read']],
    ['scope', 'a"b'],
    ['grant_id', 7],
  ])('is refused when %s is %j', async (claim, value) => {
    await refused(validate({ claims: { [claim]: value } }), 'malformed_access_token');
  });
});

describe('tokens that were verified before', () => {
  it('fall with the key that signed them', async () => {
    const token = await issuer.token(invoices);
    await validator.validate(token, invoices);
    source.keys = [new TestIssuer(clock, issuer.identifier, 'key-2').publicJwk];
    clock.advance(61);
    await validator.validate(token, invoices);
    await settled();
    await refused(validator.validate(token, invoices), 'unknown_key');
  });

  it('fall when another key takes the id of theirs', async () => {
    const token = await issuer.token(invoices);
    await validator.validate(token, invoices);
    source.keys = [new TestIssuer(clock, issuer.identifier, 'key-1').publicJwk];
    clock.advance(61);
    await validator.validate(token, invoices);
    await settled();
    await refused(validator.validate(token, invoices), 'wrong_signature');
  });
});

describe('a lax configuration', () => {
  it('is refused: symmetric or no algorithms, wide clock skew', () => {
    const make = (policy: object) => (): unknown =>
      new AccessTokenValidator({ issuer: 'i', ...policy }, new CachedIssuerKeys(source, clock), clock);
    expect(make({ algorithms: ['HS256'] })).toThrow(TypeError);
    expect(make({ algorithms: ['none'] })).toThrow(TypeError);
    expect(make({ algorithms: [] })).toThrow(TypeError);
    expect(make({ clockSkewSeconds: 31 })).toThrow(TypeError);
    expect(make({ clockSkewSeconds: NaN })).toThrow(TypeError);
  });
});
