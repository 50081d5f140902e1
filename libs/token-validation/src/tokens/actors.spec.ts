import { describe, expect, it } from '@jest/globals';
import { resourceIdentifier } from '@gatehouse/protocol';
import { CachedIssuerKeys } from '../keys/cached-issuer-keys.js';
import { MemoryKeySetSource, StoppedClock, TestIssuer } from '../testing/index.js';
import { AccessTokenValidator } from './access-token-validator.js';
import { readActors } from './actors.js';

const invoices = resourceIdentifier('https://rs.example/invoices/mcp');

function house() {
  const clock = new StoppedClock();
  const issuer = new TestIssuer(clock);
  const keys = new CachedIssuerKeys(new MemoryKeySetSource([issuer.publicJwk]), clock);
  const validator = new AccessTokenValidator({ issuer: issuer.identifier }, keys, clock);
  return {
    issuer,
    validate: async (parts: object) => validator.validate(await issuer.token(invoices, parts), invoices),
  };
}

describe('a token that was exchanged (AS-115)', () => {
  it('says who acts now, apart from who acted before', async () => {
    const act = { sub: 'gateway', act: { sub: 'agent', act: { sub: 'portal', iss: 'https://other.example' } } };
    const { validate } = house();
    expect(await validate({ claims: { act } })).toMatchObject({
      subject: 'a-1',
      clientId: 'c-1',
      actor: 'gateway',
      priorActors: ['agent', 'portal'],
    });
  });

  it('is one in which nobody acts, where the claim is missing', async () => {
    const { validate } = house();
    expect(await validate({ claims: { act: undefined } })).toMatchObject({ actor: undefined, priorActors: [] });
  });

  it.each([
    null,
    'gateway',
    ['gateway'],
    {},
    { sub: '' },
    { sub: 7 },
    { act: { sub: 'gateway' } },
    { sub: 'gateway', act: null },
    { sub: 'gateway', act: 'agent' },
    { sub: 'gateway', act: { sub: ['agent'] } },
  ])('is refused when nobody can say who acts: %j', async (act) => {
    const { validate } = house();
    await expect(validate({ claims: { act } })).rejects.toMatchObject({
      code: 'invalid_token',
      reason: 'malformed_access_token',
    });
  });

  it('is refused when the chain has no end in sight', () => {
    const chain = (links: number): unknown =>
      Array.from({ length: links }).reduce((act) => ({ sub: 'x', act }), undefined);
    expect(readActors(chain(16))).toHaveLength(16);
    expect(() => readActors(chain(17))).toThrow(expect.objectContaining({ reason: 'malformed_access_token' }));
  });
});

describe('what introspection signed', () => {
  it('is no access token, though the same key made it', async () => {
    const { issuer, validate } = house();
    const token_introspection = { active: true, ...issuer.claims(invoices) };
    for (const typ of ['token-introspection+jwt', 'application/token-introspection+jwt'])
      await expect(validate({ header: { typ }, claims: { token_introspection } })).rejects.toMatchObject({
        code: 'invalid_token',
        reason: 'wrong_token_type',
      });
  });
});
