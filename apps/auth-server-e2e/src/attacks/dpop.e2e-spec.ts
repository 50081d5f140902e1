/**
 * Keys and proofs of clients (attack list, “proofs”): a proof replayed, moved to another method, address or issuer, made
 * with another key; codes and refresh tokens stolen from a client that has a key.
 */
import { describe, expect, it } from '@jest/globals';
import { type Answer, DpopFetch, tokensOf } from '@gatehouse/test-kit';
import { codeFields, DpopClient } from '../flows/dpop-client.js';
import { anna, house, invoices } from '../flows/house.js';

const outcome = ({ status, error }: Answer) => [status, error];
const BAD_PROOF = [400, 'invalid_dpop_proof'];
const BAD_GRANT = [400, 'invalid_grant'];

async function authorized(parameters: Readonly<Record<string, string>> = {}, owner?: DpopClient) {
  const client = owner ?? (await DpopClient.register());
  await client.learnNonce();
  const pending = house.begin(client.client, { resource: invoices, scope: 'invoices:read', parameters });
  const code = await house.approve(house.browser(), pending, { account: anna });
  return { owner: client, pending, code };
}

async function bound() {
  const { owner, pending, code } = await authorized();
  return { owner, tokens: tokensOf(await owner.redeem(pending, code)) };
}

describe('a proof that was overheard', () => {
  it('AS-170: opens nothing a second time, with the same request or another', async () => {
    const first = await authorized();
    const proof = await first.owner.proof();
    const tokens = tokensOf(await first.owner.redeem(first.pending, first.code, house, proof));
    const second = await authorized({}, first.owner);
    expect(outcome(await first.owner.redeem(first.pending, first.code, house, proof))).toEqual(BAD_PROOF);
    expect(outcome(await first.owner.redeem(second.pending, second.code, house, proof))).toEqual(BAD_PROOF);
    expect(outcome(await first.owner.refresh(tokens.refresh_token, house, proof))).toEqual(BAD_PROOF);
    // And it has ended nothing: the repetition of the whole request is no second use of the code.
    expect((await first.owner.refresh(tokens.refresh_token)).status).toBe(200);
    expect((await first.owner.redeem(second.pending, second.code)).status).toBe(200);
  });

  it('AS-170: is of no use at another address, with another method, or beside a second one', async () => {
    const { owner, pending, code } = await authorized();
    const { key } = owner;
    const token = house.endpoint('token');
    const others = [
      await key.proof('GET', token),
      await key.proof('post', token),
      await key.proof('POST', house.endpoint('par')),
      await key.proof('POST', invoices),
      await key.proof('POST', `${token}/`),
      await key.proof('POST', token.replace('127.0.0.1', 'localhost')),
    ];
    for (const proof of others) expect(outcome(await owner.redeem(pending, code, house, proof))).toEqual(BAD_PROOF);
    const twice = [await key.proof('POST', token), await key.proof('POST', token)] as unknown as string;
    expect(outcome(await owner.redeem(pending, code, house, twice))).toEqual(BAD_PROOF);
    expect((await owner.redeem(pending, code)).status).toBe(200);
  });

  it('AS-170: is none when it was signed by somebody else, or carries a nonce that was made up', async () => {
    const { owner, pending, code } = await authorized();
    const [head = '', body = ''] = (await owner.proof()).split('.');
    const thief = await DpopFetch.create();
    const signature = (await thief.proof('POST', house.endpoint('token'))).split('.')[2] ?? '';
    expect(outcome(await owner.redeem(pending, code, house, `${head}.${body}.${signature}`))).toEqual(BAD_PROOF);
    thief.learn(house.endpoint('token'), 'made-up-by-the-thief-of-32-chars');
    const guessed = await thief.proof('POST', house.endpoint('token'));
    expect(outcome(await owner.redeem(pending, code, house, guessed))).toEqual([400, 'use_dpop_nonce']);
    expect((await owner.redeem(pending, code)).status).toBe(200);
  });
});

describe('whoever stole a code together with its verifier', () => {
  it('AS-170: cannot redeem it when it is bound to a key, and does not spoil it', async () => {
    const client = await DpopClient.register();
    const { owner, pending, code } = await authorized({ dpop_jkt: client.key.jkt }, client);
    const thief = await owner.thief();
    expect(outcome(await thief.redeem(pending, code))).toEqual(BAD_GRANT);
    const bearer = await house.token({ client_id: owner.client.client_id, ...codeFields(pending, code) });
    expect(outcome(bearer)).toEqual(BAD_GRANT);
    const tokens = tokensOf(await owner.redeem(pending, code));
    // Late, they cannot end what it gave birth to either.
    expect(outcome(await thief.redeem(pending, code))).toEqual(BAD_GRANT);
    expect((await owner.refresh(tokens.refresh_token)).status).toBe(200);
  });
});

describe('whoever stole a refresh token of a client that has a key', () => {
  it('AS-170: gets nothing for it, with a key of their own or without, and ends nothing', async () => {
    const { owner, tokens } = await bound();
    const thief = await owner.thief();
    const bearer = { grant_type: 'refresh_token', client_id: owner.client.client_id };
    const steal = async (token: string) => {
      expect(outcome(await thief.refresh(token))).toEqual(BAD_GRANT);
      expect(outcome(await house.token({ ...bearer, refresh_token: token }))).toEqual(BAD_GRANT);
    };
    await steal(tokens.refresh_token);
    const next = tokensOf(await owner.refresh(tokens.refresh_token));
    const last = tokensOf(await owner.refresh(next.refresh_token));
    // Spent ones, whose return would end the session of somebody without a key.
    await steal(tokens.refresh_token);
    await steal(next.refresh_token);
    expect((await owner.refresh(last.refresh_token)).status).toBe(200);
  });

  it('AS-170: cannot talk a client that wants bound tokens only into a Bearer token', async () => {
    const client = await DpopClient.register({ dpop_bound_access_tokens: true });
    const { pending, code } = await authorized({}, client);
    const fields = { client_id: client.client.client_id, ...codeFields(pending, code) };
    expect(outcome(await house.token(fields))).toEqual(BAD_PROOF);
    expect((await client.redeem(pending, code)).status).toBe(200);
  });

  it('AS-170: cannot bind a family that was born without a key, and lock its owner out', async () => {
    const connected = await house.connected({ decision: { account: anna }, resource: invoices });
    const thief = await (await DpopClient.register()).thief();
    const stolen = { grant_type: 'refresh_token', client_id: connected.client.client_id };
    const answer = await thief.send({ ...stolen, refresh_token: connected.tokens.refresh_token });
    expect(answer.json()).toMatchObject({ token_type: 'DPoP' });
    // The owner, who lost the race, is answered as ever.
    expect((await house.refresh(connected, connected.tokens.refresh_token)).status).toBe(200);
  });
});
