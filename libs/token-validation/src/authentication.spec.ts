import { describe, expect, it } from '@jest/globals';
import { resourceIdentifier } from '@gatehouse/protocol';
import { AccessAuthentication } from './authentication.js';
import { CachedIssuerKeys } from './keys/cached-issuer-keys.js';
import { MemoryKeySetSource, StoppedClock, StubLiveness, TestIssuer } from './testing/index.js';
import { AccessTokenValidator } from './tokens/access-token-validator.js';

const resource = resourceIdentifier('https://rs.example/mcp');

function setUp(): { issuer: TestIssuer; liveness: StubLiveness; call: (token: string) => Promise<unknown> } {
  const clock = new StoppedClock();
  const issuer = new TestIssuer(clock);
  const keys = new CachedIssuerKeys(new MemoryKeySetSource([issuer.publicJwk]), clock);
  const liveness = new StubLiveness();
  const authentication = new AccessAuthentication(
    new AccessTokenValidator({ issuer: issuer.identifier }, keys, clock),
    liveness,
  );
  const call = (token: string): Promise<unknown> =>
    authentication.authenticate({ authorization: [`Bearer ${token}`], query: '' }, resource);
  return { issuer, liveness, call };
}

describe('authentication by access token', () => {
  it('lets a live token in', async () => {
    const { issuer, call } = setUp();
    expect(await call(await issuer.token(resource))).toMatchObject({ subject: 'a-1', resource });
  });

  it('refuses a revoked token although its signature is good', async () => {
    const { issuer, liveness, call } = setUp();
    const token = await issuer.token(resource);
    await call(token);
    liveness.dead.add(token);
    await expect(call(token)).rejects.toMatchObject({ code: 'invalid_token', reason: 'access_token_revoked' });
  });

  it('answers 503, and nobody in, when the issuer cannot be asked', async () => {
    const { issuer, liveness, call } = setUp();
    liveness.down = true;
    await expect(call(await issuer.token(resource))).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'issuer_unavailable',
      status: 503,
    });
  });

  it('never asks the issuer about a token that is refused anyway', async () => {
    const { issuer, liveness, call } = setUp();
    await expect(call(await issuer.token('https://other.example/mcp'))).rejects.toMatchObject({
      reason: 'wrong_audience',
    });
    await expect(call('garbage')).rejects.toMatchObject({ reason: 'malformed_access_token' });
    expect(liveness.questions).toBe(0);
  });
});
