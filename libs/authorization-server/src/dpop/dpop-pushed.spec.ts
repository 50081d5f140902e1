import { testProofKey, type TestProofKey } from '@gatehouse/dpop/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../clients/client.js';
import { authorizationRequest, BROWSER, form, ISSUER, memoryCore, VERIFIER } from '../testing/memory-core.js';

type Change = Readonly<Record<string, string | undefined>>;
const refusal = (code: string, reason: string): unknown => expect.objectContaining({ code, reason });

let key: TestProofKey;
let thief: TestProofKey;
beforeAll(async () => {
  key = await testProofKey();
  thief = await testProofKey();
});

function house(overrides: Partial<Client> = {}) {
  const core = memoryCore();
  const client = core.client(overrides);
  const resource = core.resource();
  const person = core.person(resource);
  const proof = (path: string, by = key, more: object = {}) =>
    by.proof({ url: ISSUER + path, at: core.clock.now(), nonce: core.dpop.nextNonce() ?? '', ...more });
  const push = (change: Change, ...proofs: string[]) =>
    core.pushing.push({ parameters: authorizationRequest(client, resource, change), proofs });
  const codeOf = async (request_uri: string) => {
    const parameters = form({ client_id: client.id, request_uri });
    const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person });
    const decision = { approve: true, scopes: ['invoices:read'] } as const;
    const { location } = await core.authorization.decide(interactionId, BROWSER, person, decision);
    return new URL(location).searchParams.get('code')!;
  };
  const redeem = (code: string, ...proofs: string[]) =>
    core.token.handle({
      parameters: form({ grant_type: 'authorization_code', client_id: client.id, code, code_verifier: VERIFIER }),
      proofs,
    });
  return { core, client, resource, person, proof, push, codeOf, redeem };
}

describe('a request pushed with a proof (AS-170)', () => {
  it('leads to a code that only its key redeems', async () => {
    const { proof, push, codeOf, redeem } = house();
    const { request_uri } = await push({}, await proof('/par'));
    const code = await codeOf(request_uri);
    await expect(redeem(code)).rejects.toEqual(refusal('invalid_grant', 'missing_dpop_proof'));
    await expect(redeem(code, await proof('/token', thief))).rejects.toEqual(
      refusal('invalid_grant', 'dpop_proof_other_key'),
    );
    await expect(redeem(code, await proof('/token'))).resolves.toMatchObject({ token_type: 'DPoP' });
  });

  it('may name the key besides, but no other one', async () => {
    const { core, proof, push } = house();
    await expect(push({ dpop_jkt: key.jkt }, await proof('/par'))).resolves.toBeDefined();
    await expect(push({ dpop_jkt: thief.jkt }, await proof('/par'))).rejects.toEqual(
      refusal('invalid_request', 'dpop_proof_other_key'),
    );
    expect(core.database.pushedRequests.size).toBe(1);
  });

  it('is what counts: a key that the browser brings beside its name changes nothing', async () => {
    const { core, client, proof, push } = house();
    const { request_uri } = await push({}, await proof('/par'));
    const parameters = form({ client_id: client.id, request_uri, dpop_jkt: thief.jkt });
    await core.authorization.start({ parameters, browser: BROWSER });
    expect([...core.database.interactions.values()][0]?.request).toMatchObject({ binding: { jkt: key.jkt } });
  });

  it('is refused with a proof for another endpoint, one used before, or none of our nonces; nothing is kept', async () => {
    const { core, proof, push } = house();
    await expect(push({}, await proof('/token'))).rejects.toEqual(
      refusal('invalid_dpop_proof', 'dpop_proof_other_url'),
    );
    await expect(push({}, await proof('/par', key, { nonce: undefined }))).rejects.toEqual(
      refusal('use_dpop_nonce', 'missing_dpop_nonce'),
    );
    expect(core.database.pushedRequests.size).toBe(0);
    const once = await proof('/par');
    await push({}, once);
    await expect(push({}, once)).rejects.toEqual(refusal('invalid_dpop_proof', 'dpop_proof_replayed'));
    expect(core.database.pushedRequests.size).toBe(1);
  });

  it('does not spend its proof when something else is wrong with it', async () => {
    const { core, proof, push } = house();
    const shown = await proof('/par');
    await expect(push({ scope: 'no:such' }, shown)).rejects.toMatchObject({ code: 'invalid_scope' });
    expect(core.database.usedProofs.size).toBe(0);
    await expect(push({}, shown)).resolves.toBeDefined();
  });

  it('costs one verb of the store more', async () => {
    const { core, proof, push } = house();
    await push({});
    const plain = core.database.verbs;
    await push({}, await proof('/par'));
    expect(core.database.verbs).toBe(2 * plain + 1);
  });

  it('needs none from a client that wants bound tokens only: the token request is where that is decided', async () => {
    const { push } = house({ dpopBoundAccessTokens: true });
    await expect(push({})).resolves.toBeDefined();
  });
});
