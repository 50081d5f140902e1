import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  ask,
  DpopFetch,
  pause,
  readChallenges,
  readStack,
  type Replica,
  rpcOf,
  startResourceReplica,
} from '@gatehouse/test-kit';
import { protectedResourceMetadataUrl } from '@gatehouse/metadata';
import { type BoundClient, boundClient, LIST, MCP } from './bound-client.js';
import { anna, expensesUrl, invoices, invoicesUrl, issuerUrl, tokenOf } from './tools.js';

/** How long a process starts on a busy machine. */
const PATIENCE = 60_000;

let owner: BoundClient;
let token: string;
beforeAll(async () => {
  owner = await boundClient(anna, invoicesUrl, 'invoices:read');
  token = owner.tokens.access_token;
}, PATIENCE);

const list = (authorization: string, dpop?: string, via?: string): Promise<Answer> =>
  ask(invoicesUrl, {
    method: 'POST',
    headers: { ...MCP, authorization, ...(dpop === undefined ? {} : { dpop }) },
    body: LIST,
    via,
  });
const challengeOf = (answer: Answer, scheme: string): string | undefined =>
  readChallenges(answer.header('www-authenticate')).find((one) => one.scheme === scheme)?.parameters['error'];

describe('whoever stole a bound token', () => {
  it('RS-50: cannot use it as a Bearer token', async () => {
    const answer = await list(`Bearer ${token}`);
    expect([answer.status, challengeOf(answer, 'Bearer')]).toEqual([401, 'invalid_token']);
  });

  it('RS-50: cannot use it with a key of their own, nor without one', async () => {
    const thief = await DpopFetch.create();
    const answer = await list(`DPoP ${token}`, await thief.proof('POST', invoicesUrl, token));
    expect([answer.status, challengeOf(answer, 'DPoP')]).toEqual([401, 'invalid_token']);
    const without = await list(`DPoP ${token}`);
    expect([without.status, challengeOf(without, 'DPoP')]).toEqual([401, 'invalid_dpop_proof']);
  });

  it('RS-50: cannot send a proof again that they saw go by, were it twenty times at once', async () => {
    const proof = await owner.dpop.proof('POST', invoicesUrl, token);
    const answers = await Promise.all(Array.from({ length: 20 }, () => list(`DPoP ${token}`, proof)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const late = await list(`DPoP ${token}`, proof);
    expect([late.status, challengeOf(late, 'DPoP')]).toEqual([401, 'invalid_dpop_proof']);
  });

  it('RS-50: cannot use a proof for another method, another resource, another token, or the token endpoint', async () => {
    const others = [
      await owner.dpop.proof('GET', invoicesUrl, token),
      await owner.dpop.proof('post', invoicesUrl, token),
      await owner.dpop.proof('POST', expensesUrl, token),
      await owner.dpop.proof('POST', `${invoicesUrl}/`, token),
      await owner.dpop.proof('POST', invoicesUrl.replace('127.0.0.1', 'localhost'), token),
      await owner.dpop.proof('POST', invoicesUrl, `${token}x`),
      await owner.dpop.proof('POST', `${issuerUrl}/token`),
    ];
    for (const proof of others) {
      const answer = await list(`DPoP ${token}`, proof);
      expect([answer.status, challengeOf(answer, 'DPoP')]).toEqual([401, 'invalid_dpop_proof']);
    }
  });

  it('RS-50: gains nothing from a second header beside the honest one', async () => {
    const proof = await owner.dpop.proof('POST', invoicesUrl, token);
    const thief = await DpopFetch.create();
    const twice = await list(`DPoP ${token}`, [proof, await thief.proof('POST', invoicesUrl, token)] as never);
    expect([twice.status, challengeOf(twice, 'DPoP')]).toEqual([401, 'invalid_dpop_proof']);
    const both = await list([`DPoP ${token}`, `Bearer ${token}`] as never, proof);
    expect([both.status, both.error]).toEqual([400, 'invalid_request']);
    // It was not used up by that: whoever holds the key is let in with it.
    expect((await list(`DPoP ${token}`, proof)).status).toBe(200);
  });

  it('RS-50: has no unbound token that would pass for a bound one', async () => {
    const plain = await tokenOf(anna, invoicesUrl, 'invoices:read');
    const answer = await list(`DPoP ${plain}`, await owner.dpop.proof('POST', invoicesUrl, plain));
    expect([answer.status, challengeOf(answer, 'DPoP')]).toEqual([401, 'invalid_token']);
    expect((await list(`Bearer ${plain}`)).status).toBe(200);
  });
});

describe('its owner', () => {
  it('RS-50: is let in, request by request', async () => {
    for (let time = 0; time < 3; time += 1)
      expect((await list(`DPoP ${token}`, await owner.dpop.proof('POST', invoicesUrl, token))).status).toBe(200);
  });

  it('RS-07, RS-31, RS-50: is told by the metadata how, and may be a page in a browser', async () => {
    const metadata = (await ask(protectedResourceMetadataUrl(invoicesUrl))).json();
    expect(metadata).toMatchObject({ dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']) });
    expect(metadata).not.toHaveProperty('dpop_bound_access_tokens_required');
    const { origin } = new URL(invoicesUrl);
    const preflight = await ask(invoicesUrl, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,dpop',
      },
    });
    expect(preflight.header('access-control-allow-headers')?.toLowerCase().split(', ')).toContain('dpop');
    const refused = await invoices.modern('tools/list', { headers: { origin } });
    expect(refused.header('access-control-expose-headers')).toContain('DPoP-Nonce');
  });

  it('RS-44, RS-50: loses everything with a revocation, key or not', async () => {
    const client = await boundClient(anna, invoicesUrl, 'invoices:read');
    const access = client.tokens.access_token;
    const call = async (): Promise<Answer> =>
      list(`DPoP ${access}`, await client.dpop.proof('POST', invoicesUrl, access));
    expect(rpcOf(await call()).result).toBeDefined();
    const revoked = await fetch(`${issuerUrl}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: access, client_id: client.clientId }),
    });
    expect(revoked.status).toBe(200);
    let status = 200;
    const until = Date.now() + 20_000;
    while (status === 200 && Date.now() < until) {
      ({ status } = await call());
      await pause(250);
    }
    expect(status).toBe(401);
  }, 40_000);
});

describe('replicas of a resource server that asks for nonces', () => {
  let replicas: readonly Replica[];
  beforeAll(async () => {
    const stack = readStack();
    replicas = await Promise.all([
      startResourceReplica(stack, { DPOP_NONCES: 'on' }),
      startResourceReplica(stack, { DPOP_NONCES: 'on', DPOP_REQUIRED: 'on' }),
    ]);
  }, PATIENCE);
  afterAll(() => Promise.all(replicas.map((replica) => replica.stop())));

  it("RS-50: take each other's, and demand one of proofs that were made without", async () => {
    const [first, second] = replicas.map(({ origin }) => origin);
    const early = await owner.dpop.proof('POST', invoicesUrl, token);
    const refused = await list(`DPoP ${token}`, early, first);
    expect([refused.status, challengeOf(refused, 'DPoP')]).toEqual([401, 'use_dpop_nonce']);
    const nonce = refused.header('dpop-nonce') ?? '';
    expect(nonce).not.toBe('');
    const knowing = await boundClient(anna, invoicesUrl, 'invoices:read');
    const bound = knowing.tokens.access_token;
    knowing.dpop.learn(invoicesUrl, nonce);
    for (const via of [first, second]) {
      const answer = await list(`DPoP ${bound}`, await knowing.dpop.proof('POST', invoicesUrl, bound), via);
      expect([answer.status, answer.header('dpop-nonce')]).toEqual([200, expect.any(String)]);
    }
  });

  it('RS-50: take no unbound token where bound ones are required', async () => {
    const [, strict] = replicas.map(({ origin }) => origin);
    const plain = await tokenOf(anna, invoicesUrl, 'invoices:read');
    const answer = await list(`Bearer ${plain}`, undefined, strict);
    expect([answer.status, challengeOf(answer, 'Bearer')]).toEqual([401, 'invalid_token']);
    const metadata = await ask(protectedResourceMetadataUrl(invoicesUrl), { via: strict });
    expect(metadata.json()).toMatchObject({ dpop_bound_access_tokens_required: true });
  });
});
