/* Every grant with a key, without one and with a thief's, in one table of attacks; split, each part would repeat the clients and keys. */
import { testProofKey, type TestProofKey } from '@gatehouse/dpop/testing';
import { newSecret } from '@gatehouse/protocol';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { DEVICE_CODE_GRANT, type Client } from '../clients/client.js';
import { Secrets } from '../clients/secrets.js';
import type { ServerPolicy } from '../server-policy.js';
import {
  approvedCode,
  authorizationRequest,
  BROWSER,
  form,
  ISSUER,
  memoryCore,
  TestVault,
  VERIFIER,
} from '../testing/memory-core.js';
import { SigningClient } from '../testing/signing-client.js';

type Change = Readonly<Record<string, string | undefined>>;

const refusal = (code: string, reason: string): unknown => expect.objectContaining({ code, reason });
const SECRET = newSecret('ghs_');
const CONFIDENTIAL = {
  authMethod: 'client_secret_post',
  secrets: [{ hash: new Secrets(new TestVault()).hash(SECRET) }],
} as const;

let key: TestProofKey;
let thief: TestProofKey;
beforeAll(async () => {
  key = await testProofKey();
  thief = await testProofKey('Ed25519');
});

function house(overrides: Partial<Client> = {}, policy: Partial<ServerPolicy> = {}) {
  const core = memoryCore({ policy });
  const client = core.client(overrides);
  const resource = core.resource();
  const person = core.person(resource);
  const proof = (by = key, more: object = {}) =>
    by.proof({ url: `${ISSUER}/token`, at: core.clock.now(), nonce: core.dpop.nextNonce() ?? '', ...more });
  const code = (change: Change = {}) => approvedCode(core, client, resource, person, change);
  const ask = (parameters: Change, ...proofs: string[]) =>
    core.token.handle({ parameters: form({ client_id: client.id, ...parameters }), proofs });
  const redeem = (text: string, ...proofs: string[]) =>
    ask({ grant_type: 'authorization_code', code: text, code_verifier: VERIFIER }, ...proofs);
  const refresh = (refresh_token: string | undefined, ...proofs: string[]) =>
    ask({ grant_type: 'refresh_token', refresh_token }, ...proofs);
  const claims = async (token: string) => (await core.accessTokens.read(token))!;
  const authorization = () => [...core.database.authorizations.values()].at(-1)!;
  return { core, client, resource, person, proof, code, ask, redeem, refresh, claims, authorization };
}

describe('a token asked for with a proof (AS-170)', () => {
  it('is bound to its key, and says so', async () => {
    const { core, proof, code, redeem, claims } = house();
    const tokens = await redeem(await code(), await proof());
    expect(tokens.token_type).toBe('DPoP');
    expect((await claims(tokens.access_token)).cnf).toEqual({ jkt: key.jkt });
    expect(core.database.audit.at(-1)).toMatchObject({ type: 'code.redeemed', detail: { dpop: true } });
  });

  it('is a Bearer token without one, as ever', async () => {
    const { core, code, redeem, claims, authorization } = house();
    const tokens = await redeem(await code());
    expect(tokens.token_type).toBe('Bearer');
    expect(await claims(tokens.access_token)).not.toHaveProperty('cnf');
    expect(authorization()).not.toHaveProperty('binding');
    expect(core.database.usedProofs.size).toBe(0);
  });

  it('costs one verb of the store more', async () => {
    const { core, proof, code, redeem, refresh } = house();
    const first = await code();
    let before = core.database.verbs;
    const tokens = await redeem(first, await proof());
    // And the first use of the client in a day.
    expect(core.database.verbs - before).toBe(5);
    before = core.database.verbs;
    await refresh(tokens.refresh_token, await proof());
    expect(core.database.verbs - before).toBe(4);
    expect(core.database.audit.at(-1)).toMatchObject({ type: 'refresh.rotated', detail: { dpop: true } });
  });

  it('is told to its resource server, with the key', async () => {
    const { core, resource, proof, code, redeem } = house();
    const secret = newSecret('ghx_');
    core.database.resourceServers.set(resource.serverId, {
      id: resource.serverId,
      secrets: [{ hash: core.secrets.hash(secret) }],
    });
    const basic = `Basic ${Buffer.from(`${resource.serverId}:${secret}`).toString('base64')}`;
    const introspect = (token: string) =>
      core.introspection.introspect({ parameters: form({ token }), authorization: basic }).then(({ body }) => body);
    const bound = await redeem(await code(), await proof());
    expect(await introspect(bound.access_token)).toMatchObject({ token_type: 'DPoP', cnf: { jkt: key.jkt } });
    const bearer = await introspect((await redeem(await code())).access_token);
    expect(bearer).toMatchObject({ active: true, token_type: 'Bearer' });
    expect(bearer).not.toHaveProperty('cnf');
  });

  it('may be a client’s own', async () => {
    const { core, ask, proof, claims } = house({
      ...CONFIDENTIAL,
      origin: 'pre-registered',
      grantTypes: ['client_credentials'],
      scopes: ['invoices:read'],
    });
    const tokens = await ask({ grant_type: 'client_credentials', client_secret: SECRET }, await proof());
    expect(tokens.token_type).toBe('DPoP');
    expect((await claims(tokens.access_token)).cnf).toEqual({ jkt: key.jkt });
    expect(core.database.audit.at(-1)).toMatchObject({ type: 'client.authorized', detail: { dpop: true } });
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['for another method', { method: 'GET' }, 'dpop_proof_other_method'],
    ['for another endpoint', { url: `${ISSUER}/par` }, 'dpop_proof_other_url'],
    ['for another issuer', { url: 'https://as.example/token' }, 'dpop_proof_other_url'],
    ['long ago', { at: new Date('2020-01-01T00:00:00Z') }, 'dpop_proof_outdated'],
    ['by a client that sends its private key', { header: { jwk: { kty: 'EC', d: 'x' } } }, 'dpop_proof_private_key'],
  ])('is refused with a proof made %s, and the code is still good', async (_, more, reason) => {
    const { proof, code, redeem } = house();
    const text = await code();
    await expect(redeem(text, await proof(key, more))).rejects.toEqual(refusal('invalid_dpop_proof', reason));
    await expect(redeem(text, await proof())).resolves.toMatchObject({ token_type: 'DPoP' });
  });

  it('is refused with two proofs, and with something that is none', async () => {
    const { proof, code, redeem } = house();
    const text = await code();
    await expect(redeem(text, await proof(), await proof())).rejects.toEqual(
      refusal('invalid_dpop_proof', 'several_dpop_proofs'),
    );
    await expect(redeem(text, '')).rejects.toEqual(refusal('invalid_dpop_proof', 'malformed_dpop_proof'));
    await expect(redeem(text, await proof())).resolves.toBeDefined();
  });
});

describe('a client that wants bound tokens only (AS-170)', () => {
  it('gets none without a proof, by whatever grant, and loses nothing', async () => {
    const { code, redeem, refresh, proof } = house({ dpopBoundAccessTokens: true });
    const missing = refusal('invalid_dpop_proof', 'missing_dpop_proof');
    const text = await code();
    await expect(redeem(text)).rejects.toEqual(missing);
    const tokens = await redeem(text, await proof());
    await expect(refresh(tokens.refresh_token)).rejects.toEqual(missing);
    await expect(refresh(tokens.refresh_token, await proof())).resolves.toMatchObject({ token_type: 'DPoP' });
  });

  it('is not told so to a stranger who does not authenticate as it', async () => {
    const { code, redeem } = house({ ...CONFIDENTIAL, dpopBoundAccessTokens: true });
    await expect(redeem(await code())).rejects.toEqual(refusal('invalid_client', 'wrong_client_auth_method'));
  });
});

describe('a proof (AS-170)', () => {
  it('is good once, over all replicas, for whatever it comes with', async () => {
    const { proof, code, redeem, refresh } = house();
    const once = await proof();
    const replayed = refusal('invalid_dpop_proof', 'dpop_proof_replayed');
    const tokens = await redeem(await code(), once);
    const [first, second] = [await code(), await code()];
    await expect(redeem(first, once)).rejects.toEqual(replayed);
    await expect(refresh(tokens.refresh_token, once)).rejects.toEqual(replayed);
    await expect(redeem(first, await proof())).resolves.toBeDefined();
    const both = await proof();
    const results = await Promise.allSettled([redeem(second, both), redeem(await code(), both)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('that was overheard ends nothing: whoever repeats a whole request does not end the session it began', async () => {
    const { proof, code, redeem, refresh, authorization, core } = house();
    const text = await code();
    const first = await proof();
    const tokens = await redeem(text, first);
    await expect(redeem(text, first)).rejects.toEqual(refusal('invalid_dpop_proof', 'dpop_proof_replayed'));
    const second = await proof();
    const next = await refresh(tokens.refresh_token, second);
    const last = await refresh(next.refresh_token, await proof());
    core.clock.advance(60);
    await expect(refresh(tokens.refresh_token, second)).rejects.toEqual(
      refusal('invalid_dpop_proof', 'dpop_proof_replayed'),
    );
    expect(authorization()).not.toHaveProperty('revoked');
    await expect(refresh(last.refresh_token, await proof())).resolves.toBeDefined();
  });

  it('is remembered as long as it would be accepted', async () => {
    const { core, proof, code, redeem } = house();
    await redeem(await code(), await proof());
    const [end] = core.database.usedProofs.values();
    expect(end!.getTime()).toBeGreaterThan(core.clock.now().getTime() + 300_000);
  });

  it('is not spent, and leaves no row behind, when the request is good for nothing', async () => {
    const { core, proof, code, ask, redeem } = house();
    const shown = await proof();
    await expect(redeem('ghc_unknown', shown)).rejects.toMatchObject({ reason: 'unknown_code' });
    const text = await code();
    await expect(
      ask({ grant_type: 'authorization_code', code: text, code_verifier: 'x'.repeat(43) }, shown),
    ).rejects.toMatchObject({ reason: 'wrong_code_verifier' });
    expect(core.database.usedProofs.size).toBe(0);
    await expect(redeem(text, shown)).resolves.toMatchObject({ token_type: 'DPoP' });
  });

  it('that is new does not save a code that leaked: its second use ends what it gave birth to', async () => {
    const { proof, code, redeem, authorization } = house();
    const text = await code();
    await redeem(text, await proof());
    await expect(redeem(text, await proof())).rejects.toEqual(refusal('invalid_grant', 'code_reused'));
    expect(authorization()).toMatchObject({ revoked: { reason: 'code_reused' } });
  });

  it('is not spent by a client that is not who it says', async () => {
    const { core, proof, code, ask } = house(CONFIDENTIAL);
    const request = { grant_type: 'authorization_code', code: await code(), code_verifier: VERIFIER };
    const shown = await proof();
    await expect(ask({ ...request, client_secret: 'wrong' }, shown)).rejects.toMatchObject({ code: 'invalid_client' });
    expect(core.database.usedProofs.size).toBe(0);
    await expect(ask({ ...request, client_secret: SECRET }, shown)).resolves.toMatchObject({ token_type: 'DPoP' });
  });
});

describe('nonces (AS-170)', () => {
  it('are asked for, and a client that comes back with one has lost nothing', async () => {
    const { core, proof, code, redeem } = house();
    const text = await code();
    const use = (reason: string) => refusal('use_dpop_nonce', reason);
    await expect(redeem(text, await proof(key, { nonce: undefined }))).rejects.toEqual(use('missing_dpop_nonce'));
    await expect(redeem(text, await proof(key, { nonce: 'made up' }))).rejects.toEqual(use('unknown_dpop_nonce'));
    expect(core.database.usedProofs.size).toBe(0);
    await expect(redeem(text, await proof())).resolves.toMatchObject({ token_type: 'DPoP' });
  });

  it('end: a proof made in advance cannot be kept for later', async () => {
    const { core, proof, code, redeem } = house();
    const later = await proof(key, { at: new Date(core.clock.now().getTime() + 300_000) });
    core.clock.advance(301);
    await expect(redeem(await code(), later)).rejects.toEqual(refusal('use_dpop_nonce', 'unknown_dpop_nonce'));
  });

  it('are asked for before a client that signs spends its assertion', async () => {
    const signing = await SigningClient.create();
    const core = memoryCore();
    const client = core.client({ authMethod: 'private_key_jwt', keys: { jwks: [signing.publicJwk] } });
    const text = await approvedCode(core, client, core.resource());
    const assertion = await signing.parameters({ id: client.id, issuer: ISSUER, now: core.clock.now() });
    const redeem = async (nonce: string | undefined) =>
      core.token.handle({
        parameters: form({
          grant_type: 'authorization_code',
          code: text,
          code_verifier: VERIFIER,
          ...assertion,
        }),
        proofs: [await key.proof({ url: `${ISSUER}/token`, at: core.clock.now(), ...(nonce ? { nonce } : {}) })],
      });
    await expect(redeem(undefined)).rejects.toEqual(refusal('use_dpop_nonce', 'missing_dpop_nonce'));
    await expect(redeem(core.dpop.nextNonce())).resolves.toMatchObject({ token_type: 'DPoP' });
  });

  it('are not asked for where the operator does not want them, and none is offered', async () => {
    const { core, proof, code, redeem } = house({}, { dpopNonces: false });
    expect(core.dpop.nextNonce()).toBeUndefined();
    await expect(redeem(await code(), await proof(key, { nonce: undefined }))).resolves.toBeDefined();
    await expect(redeem(await code(), await proof(key, { nonce: 'of another server' }))).resolves.toBeDefined();
  });

  it('are known to a replica that has the same key', async () => {
    const [one, other] = [house(), house()];
    const nonce = one.core.dpop.nextNonce();
    await expect(other.redeem(await other.code(), await other.proof(key, { nonce }))).resolves.toBeDefined();
  });
});

describe('a code (AS-170)', () => {
  it('bound by dpop_jkt is redeemed by whoever has the key', async () => {
    const { proof, code, redeem } = house();
    const text = await code({ dpop_jkt: key.jkt });
    await expect(redeem(text, await proof())).resolves.toMatchObject({ token_type: 'DPoP' });
  });

  it.each([{}, CONFIDENTIAL])(
    'bound by dpop_jkt is of no use to a thief who has the verifier too, and stays good',
    async (who) => {
      const { core, proof, code, ask } = house(who);
      const secret = 'secrets' in who ? SECRET : undefined;
      const text = await code({ dpop_jkt: key.jkt });
      const redeem = (...proofs: string[]) =>
        ask(
          { grant_type: 'authorization_code', code: text, code_verifier: VERIFIER, client_secret: secret },
          ...proofs,
        );
      await expect(redeem()).rejects.toEqual(refusal('invalid_grant', 'missing_dpop_proof'));
      await expect(redeem(await proof(thief))).rejects.toEqual(refusal('invalid_grant', 'dpop_proof_other_key'));
      await redeem(await proof());
      // Nor can a thief who comes later end what it gave birth to.
      await expect(redeem(await proof(thief))).rejects.toEqual(refusal('invalid_grant', 'dpop_proof_other_key'));
      expect([...core.database.authorizations.values()].at(-1)).not.toHaveProperty('revoked');
    },
  );

  it.each(['', 'x', 'a'.repeat(43), `${'a'.repeat(42)}+`, `${'A'.repeat(43)}=`])(
    'is not asked for with a dpop_jkt that is no thumbprint: “%s”',
    async (dpop_jkt) => {
      const { core, client, resource } = house();
      await core.authorization.start({
        parameters: authorizationRequest(client, resource, { dpop_jkt }),
        browser: BROWSER,
      });
      const request = [...core.database.interactions.values()][0]?.request;
      if (dpop_jkt === '') expect(request).not.toHaveProperty('refusal');
      else expect(request).toMatchObject({ refusal: { code: 'invalid_request', reason: 'malformed_dpop_jkt' } });
    },
  );
});

describe('a refresh token of a public client (AS-170)', () => {
  it('that was born with a proof demands the same key for ever, and a thief ends nothing', async () => {
    const { core, proof, code, redeem, refresh, authorization } = house();
    let tokens = await redeem(await code(), await proof());
    expect(authorization().binding).toEqual({ jkt: key.jkt });
    for (let turn = 0; turn < 3; turn += 1) {
      const stolen = tokens.refresh_token;
      await expect(refresh(stolen)).rejects.toEqual(refusal('invalid_grant', 'missing_dpop_proof'));
      await expect(refresh(stolen, await proof(thief))).rejects.toEqual(
        refusal('invalid_grant', 'dpop_proof_other_key'),
      );
      tokens = await refresh(stolen, await proof());
      expect(tokens.token_type).toBe('DPoP');
    }
    core.clock.advance(60);
    // A spent one too: who has no key cannot play a thief and end the session.
    const spent = tokens.refresh_token;
    tokens = await refresh(spent, await proof());
    core.clock.advance(60);
    tokens = await refresh(tokens.refresh_token, await proof());
    await expect(refresh(spent, await proof(thief))).rejects.toEqual(refusal('invalid_grant', 'dpop_proof_other_key'));
    expect(authorization()).not.toHaveProperty('revoked');
    // Whoever has the key and an old token is the owner, or has all of it: that does.
    await expect(refresh(spent, await proof())).rejects.toEqual(refusal('invalid_grant', 'refresh_token_reused'));
  });

  it('is answered again after a lost answer, to the same key only', async () => {
    const { proof, code, redeem, refresh } = house();
    const { refresh_token } = await redeem(await code(), await proof());
    const next = await refresh(refresh_token, await proof());
    await expect(refresh(refresh_token, await proof(thief))).rejects.toMatchObject({ reason: 'dpop_proof_other_key' });
    await expect(refresh(refresh_token, await proof())).resolves.toMatchObject({ refresh_token: next.refresh_token });
  });

  it('that was born without a proof stays free, whatever proofs come with it later', async () => {
    const { proof, code, redeem, refresh, claims, authorization } = house();
    let tokens = await redeem(await code());
    tokens = await refresh(tokens.refresh_token, await proof(thief));
    expect(tokens.token_type).toBe('DPoP');
    expect((await claims(tokens.access_token)).cnf).toEqual({ jkt: thief.jkt });
    expect(authorization()).not.toHaveProperty('binding');
    // A thief with a proof has not locked the owner out.
    await expect(refresh(tokens.refresh_token)).resolves.toMatchObject({ token_type: 'Bearer' });
  });

  it('of a device is bound as any other', async () => {
    const core = memoryCore({ policy: { deviceAuthorization: true } });
    const client = core.client({ grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'], redirectUris: [] });
    const resource = core.resource();
    const person = core.person(resource);
    const device = await core.deviceAuthorization.begin({
      network: '192.0.2.7',
      parameters: form({ client_id: client.id, resource: resource.identifier, scope: 'invoices:read' }),
    });
    const proof = (by: TestProofKey) =>
      by.proof({ url: `${ISSUER}/token`, at: core.clock.now(), nonce: core.dpop.nextNonce() ?? '' });
    const poll = async () =>
      core.token.handle({
        parameters: form({
          grant_type: DEVICE_CODE_GRANT,
          client_id: client.id,
          device_code: device.device_code,
        }),
        proofs: [await proof(key)],
      });
    await expect(poll()).rejects.toMatchObject({ code: 'authorization_pending' });
    // Polls are many, and a table of them is good for nothing.
    expect(core.database.usedProofs.size).toBe(0);
    core.clock.advance(5);
    const { interactionId } = await core.userCodeEntry.start({ browser: BROWSER, person });
    const typed = device.user_code;
    await core.userCodeEntry.enter({ interactionId, browser: BROWSER, person, network: '192.0.2.7', typed });
    await core.authorization.decide(interactionId, BROWSER, person, { approve: true, scopes: ['invoices:read'] });
    const tokens = await poll();
    expect(tokens.token_type).toBe('DPoP');
    const refresh = async (...proofs: string[]) =>
      core.token.handle({
        parameters: form({
          grant_type: 'refresh_token',
          client_id: client.id,
          refresh_token: tokens.refresh_token,
        }),
        proofs,
      });
    await expect(refresh()).rejects.toEqual(refusal('invalid_grant', 'missing_dpop_proof'));
    await expect(refresh(await proof(thief))).rejects.toEqual(refusal('invalid_grant', 'dpop_proof_other_key'));
    await expect(refresh(await proof(key))).resolves.toMatchObject({ token_type: 'DPoP' });
  });
});

describe('a refresh token of a client that authenticates itself (AS-170)', () => {
  it('is bound by that: the client may change its key, and go back to Bearer tokens', async () => {
    const { proof, code, ask, claims, authorization } = house(CONFIDENTIAL);
    const redeemed = await ask(
      { grant_type: 'authorization_code', code: await code(), code_verifier: VERIFIER, client_secret: SECRET },
      await proof(),
    );
    expect(authorization()).not.toHaveProperty('binding');
    const refresh = (token: string | undefined, ...proofs: string[]) =>
      ask({ grant_type: 'refresh_token', refresh_token: token, client_secret: SECRET }, ...proofs);
    const second = await refresh(redeemed.refresh_token, await proof(thief));
    expect((await claims(second.access_token)).cnf).toEqual({ jkt: thief.jkt });
    await expect(refresh(second.refresh_token)).resolves.toMatchObject({ token_type: 'Bearer' });
  });
});
