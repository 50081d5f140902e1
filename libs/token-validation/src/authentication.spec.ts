import { beforeEach, describe, expect, it } from '@jest/globals';
import { DpopNonces } from '@gatehouse/dpop';
import { type TestProofKey, testProofKey } from '@gatehouse/dpop/testing';
import { resourceIdentifier } from '@gatehouse/protocol';
import { AccessAuthentication } from './authentication.js';
import { MemoryUsedProofs } from './binding/memory-used-proofs.js';
import { ProofOfPossession, type PossessionPolicy } from './binding/proof-of-possession.js';
import { CachedIssuerKeys } from './keys/cached-issuer-keys.js';
import { MemoryKeySetSource, StoppedClock, StubLiveness, TestIssuer } from './testing/index.js';
import { AccessTokenValidator } from './tokens/access-token-validator.js';

const resource = resourceIdentifier('https://rs.example/mcp');

class House {
  readonly clock = new StoppedClock();
  readonly issuer = new TestIssuer(this.clock);
  readonly liveness = new StubLiveness();
  readonly #authentication: AccessAuthentication;

  constructor(policy: PossessionPolicy = {}, clock = new StoppedClock()) {
    this.clock = clock;
    this.issuer = new TestIssuer(clock);
    const keys = new CachedIssuerKeys(new MemoryKeySetSource([this.issuer.publicJwk]), clock);
    this.#authentication = new AccessAuthentication(
      new AccessTokenValidator({ issuer: this.issuer.identifier }, keys, clock),
      this.liveness,
      new ProofOfPossession(new MemoryUsedProofs(clock), clock, policy),
    );
  }

  bearer(token: string): Promise<unknown> {
    return this.#send([`Bearer ${token}`]);
  }

  dpop(token: string, ...proofs: string[]): Promise<unknown> {
    return this.#send([`DPoP ${token}`], proofs);
  }

  #send(authorization: string[], proofs: string[] = []): Promise<unknown> {
    return this.#authentication.authenticate({ authorization, proofs, method: 'POST', query: '' }, resource);
  }
}

describe('authentication by access token', () => {
  it('lets a live token in', async () => {
    const house = new House();
    expect(await house.bearer(await house.issuer.token(resource))).toMatchObject({
      subject: 'a-1',
      resource,
      boundTo: undefined,
      actor: undefined,
      priorActors: [],
    });
  });

  it('refuses a revoked token although its signature is good', async () => {
    const house = new House();
    const token = await house.issuer.token(resource);
    await house.bearer(token);
    house.liveness.dead.add(token);
    await expect(house.bearer(token)).rejects.toMatchObject({ code: 'invalid_token', reason: 'access_token_revoked' });
  });

  it('answers 503, and nobody in, when the issuer cannot be asked', async () => {
    const house = new House();
    house.liveness.down = true;
    await expect(house.bearer(await house.issuer.token(resource))).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'issuer_unavailable',
      status: 503,
    });
  });

  it('never asks the issuer about a token that is refused anyway', async () => {
    const house = new House();
    await expect(house.bearer(await house.issuer.token('https://other.example/mcp'))).rejects.toMatchObject({
      reason: 'wrong_audience',
    });
    await expect(house.bearer('garbage')).rejects.toMatchObject({ reason: 'malformed_access_token' });
    expect(house.liveness.questions).toBe(0);
  });
});

describe('authentication by a token that is bound to a key (RS-50)', () => {
  let house: House;
  let key: TestProofKey;
  let token: string;
  beforeEach(async () => {
    house = new House();
    key = await testProofKey();
    token = await bound(house, key);
  });

  const bound = (at: House, to: TestProofKey): Promise<string> =>
    at.issuer.token(resource, { claims: { cnf: { jkt: to.jkt } } });
  const proof = (more: Partial<Parameters<TestProofKey['proof']>[0]> = {}, by = key): Promise<string> =>
    by.proof({ url: resource, at: house.clock.now(), accessToken: token, ...more });
  const refused = (attempt: Promise<unknown>, code: string, reason: string): Promise<void> =>
    expect(attempt).rejects.toMatchObject({ code, reason, status: 401 });

  it('RS-50: lets its holder in, request by request, each with a proof of its own', async () => {
    for (let time = 0; time < 3; time++)
      expect(await house.dpop(token, await proof())).toMatchObject({ subject: 'a-1', boundTo: key.jkt });
  });

  it('RS-50: is worth nothing as a Bearer token, also after it was let in', async () => {
    await refused(house.bearer(token), 'invalid_token', 'bound_token_as_bearer');
    await house.dpop(token, await proof());
    await refused(house.bearer(token), 'invalid_token', 'bound_token_as_bearer');
  });

  it('RS-50: demands a proof from memory as it did the first time', async () => {
    await house.dpop(token, await proof());
    await refused(house.dpop(token), 'invalid_dpop_proof', 'missing_dpop_proof');
    await refused(house.dpop(token, 'x'), 'invalid_dpop_proof', 'malformed_dpop_proof');
  });

  it('RS-50: is worth nothing to a thief with another key', async () => {
    const thief = await testProofKey();
    await refused(house.dpop(token, await proof({}, thief)), 'invalid_token', 'dpop_proof_other_key');
    expect(house.liveness.questions).toBe(0);
  });

  it('RS-50: takes no proof twice, and none for another request', async () => {
    const once = await proof();
    await house.dpop(token, once);
    await refused(house.dpop(token, once), 'invalid_dpop_proof', 'dpop_proof_replayed');
    const wrong = (more: Partial<Parameters<TestProofKey['proof']>[0]>, reason: string): Promise<void> =>
      proof(more).then((shown) => refused(house.dpop(token, shown), 'invalid_dpop_proof', reason));
    await wrong({ method: 'GET' }, 'dpop_proof_other_method');
    await wrong({ url: 'https://rs.example/other/mcp' }, 'dpop_proof_other_url');
    await wrong({ accessToken: await bound(house, key) }, 'dpop_proof_other_token');
    await wrong({ accessToken: undefined }, 'dpop_proof_other_token');
    await wrong({ at: new Date(house.clock.now().getTime() - 301_000) }, 'dpop_proof_outdated');
    await refused(house.dpop(token, await proof(), await proof()), 'invalid_dpop_proof', 'several_dpop_proofs');
  });

  it('RS-50: lets one of twenty at once in', async () => {
    const once = await proof();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => house.dpop(token, once)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('burns no proof for a request that the issuer kept from being decided', async () => {
    const once = await proof();
    house.liveness.down = true;
    await expect(house.dpop(token, once)).rejects.toMatchObject({ reason: 'issuer_unavailable' });
    house.liveness.down = false;
    expect(await house.dpop(token, once)).toBeDefined();
  });

  it('RS-50: does not let a token without a binding pose as bound, and leaves it alone as a Bearer token', async () => {
    token = await house.issuer.token(resource);
    await refused(house.dpop(token, await proof()), 'invalid_token', 'unbound_token_with_proof');
    expect(await house.bearer(token)).toBeDefined();
  });

  it('RS-50: believes the issuer that a token is bound, whatever the token says', async () => {
    house.liveness.boundTo = (await testProofKey()).jkt;
    await refused(house.dpop(token, await proof()), 'invalid_token', 'dpop_proof_other_key');
    await refused(house.bearer(await house.issuer.token(resource)), 'invalid_token', 'dpop_proof_other_key');
    house.liveness.boundTo = key.jkt;
    expect(await house.dpop(token, await proof())).toBeDefined();
  });
});

describe('a resource server that asks for more than a proof (RS-50)', () => {
  it('takes no proof without a nonce of its own, and each nonce for some minutes', async () => {
    const clock = new StoppedClock();
    const nonces = new DpopNonces([new Uint8Array(32).fill(7)], clock);
    const house = new House({ nonces }, clock);
    const key = await testProofKey();
    const token = await house.issuer.token(resource, { claims: { cnf: { jkt: key.jkt }, exp: 2_000_000_000 } });
    const send = async (nonce?: string): Promise<unknown> =>
      house.dpop(
        token,
        await key.proof({
          url: resource,
          at: clock.now(),
          accessToken: token,
          ...(nonce === undefined ? {} : { nonce }),
        }),
      );
    await expect(send()).rejects.toMatchObject({
      code: 'use_dpop_nonce',
      reason: 'missing_dpop_nonce',
      status: 401,
    });
    await expect(send('made-up')).rejects.toMatchObject({ code: 'use_dpop_nonce', reason: 'unknown_dpop_nonce' });
    const nonce = nonces.current();
    expect(await send(nonce)).toBeDefined();
    clock.advance(601);
    await expect(send(nonce)).rejects.toMatchObject({ code: 'use_dpop_nonce' });
  });

  it('takes no unbound token where bound ones are required', async () => {
    const house = new House({ required: true });
    await expect(house.bearer(await house.issuer.token(resource))).rejects.toMatchObject({
      code: 'invalid_token',
      reason: 'unbound_token',
    });
  });
});
