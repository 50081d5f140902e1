import { testProofKey, type TestProofKey } from '@gatehouse/dpop/testing';
import type { OAuthError } from '@gatehouse/protocol';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { approvedCode, form, ISSUER, type MemoryCore, memoryCore, VERIFIER } from '../testing/memory-core.js';
import type { OwnAccessRequest } from '../resources/own-access.js';
import { adminResource } from '../resources/own-resources.js';

const ADMIN = adminResource(ISSUER);
const SCOPES = ['clients:read'];
const URL_OF_CALL = `${ISSUER}/admin/clients`;

describe('a token for a resource of the server itself that is bound to a key (AS-170)', () => {
  let core: MemoryCore;
  let key: TestProofKey;
  let thief: TestProofKey;
  let bound: string;
  let bearer: string;
  beforeAll(async () => {
    key = await testProofKey();
    thief = await testProofKey();
  });
  beforeEach(async () => {
    core = memoryCore();
    await core.ownResources.publish();
    bound = await granted(await proofFor(`${ISSUER}/token`, undefined, { method: 'POST' }));
    bearer = await granted();
  });

  async function granted(...proofs: string[]) {
    const client = core.client({ origin: 'pre-registered', scopes: SCOPES });
    const person = core.person(ADMIN, SCOPES);
    const code = await approvedCode(core, client, ADMIN, person, { scope: SCOPES.join(' ') }, SCOPES);
    const tokens = await core.token.handle({
      parameters: form({ grant_type: 'authorization_code', client_id: client.id, code, code_verifier: VERIFIER }),
      proofs,
    });
    return tokens.access_token;
  }
  const proofFor = (url: string, accessToken: string | undefined, more: object = {}, by = key) =>
    by.proof({
      method: 'GET',
      url,
      at: core.clock.now(),
      nonce: core.dpop.nextNonce() ?? '',
      ...(accessToken === undefined ? {} : { accessToken }),
      ...more,
    });
  const admit = (authorization: string, proofs: readonly string[] = [], more: Partial<OwnAccessRequest> = {}) =>
    core.ownAccess.admit({
      authorization: [authorization],
      query: '',
      method: 'GET',
      url: URL_OF_CALL,
      proofs,
      resource: ADMIN,
      scopes: SCOPES,
      ...more,
    });
  const refused = (attempt: Promise<unknown>) =>
    attempt.then(
      () => undefined,
      (error: unknown) => {
        const { code, status, reason } = error as OAuthError;
        return [code, status, reason];
      },
    );

  it('opens with a proof by that key', async () => {
    const proof = await proofFor(URL_OF_CALL, bound);
    expect(await admit(`DPoP ${bound}`, [proof])).toMatchObject({ scopes: SCOPES });
    expect(await admit(`dpop ${bound}`, [await proofFor(URL_OF_CALL, bound)])).toMatchObject({ scopes: SCOPES });
  });

  it('opens nothing as a Bearer token, with a proof or without', async () => {
    const expected = ['invalid_token', 401, 'bound_token_as_bearer'];
    expect(await refused(admit(`Bearer ${bound}`))).toEqual(expected);
    expect(await refused(admit(`Bearer ${bound}`, [await proofFor(URL_OF_CALL, bound)]))).toEqual(expected);
  });

  it('opens nothing without a proof, with a thief’s, or with one made for something else', async () => {
    const proof = (more: object) => proofFor(URL_OF_CALL, bound, more);
    const invalid = (reason: string) => ['invalid_dpop_proof', 401, reason];
    expect(await refused(admit(`DPoP ${bound}`))).toEqual(invalid('missing_dpop_proof'));
    expect(await refused(admit(`DPoP ${bound}`, [await proofFor(URL_OF_CALL, bound, {}, thief)]))).toEqual([
      'invalid_token',
      401,
      'dpop_proof_other_key',
    ]);
    expect(await refused(admit(`DPoP ${bound}`, [await proofFor(URL_OF_CALL, bearer)]))).toEqual(
      invalid('dpop_proof_other_token'),
    );
    expect(await refused(admit(`DPoP ${bound}`, [await proofFor(URL_OF_CALL, undefined)]))).toEqual(
      invalid('dpop_proof_other_token'),
    );
    expect(await refused(admit(`DPoP ${bound}`, [await proof({ method: 'DELETE' })]))).toEqual(
      invalid('dpop_proof_other_method'),
    );
    expect(await refused(admit(`DPoP ${bound}`, [await proof({ url: `${ISSUER}/admin/clients/x` })]))).toEqual(
      invalid('dpop_proof_other_url'),
    );
    expect(await refused(admit(`DPoP ${bound}`, [await proof({ nonce: 'made-up' })]))).toEqual([
      'use_dpop_nonce',
      401,
      'unknown_dpop_nonce',
    ]);
  });

  it('opens once a proof', async () => {
    const proof = await proofFor(URL_OF_CALL, bound);
    await admit(`DPoP ${bound}`, [proof]);
    expect(await refused(admit(`DPoP ${bound}`, [proof]))).toEqual(['invalid_dpop_proof', 401, 'dpop_proof_replayed']);
  });

  it('is not mistaken for an unbound one, which opens as Bearer only', async () => {
    expect(await admit(`Bearer ${bearer}`)).toMatchObject({ scopes: SCOPES });
    expect(await refused(admit(`DPoP ${bearer}`, [await proofFor(URL_OF_CALL, bearer)]))).toEqual([
      'invalid_token',
      401,
      'unbound_token_with_proof',
    ]);
  });
});
