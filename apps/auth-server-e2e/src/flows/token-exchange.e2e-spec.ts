import { beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '@gatehouse/protocol';
import { ask, claimsOf, form, McpRaw, pause, readChallenge, rpcOf, type Tokens } from '@gatehouse/test-kit';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import { auditTrail } from './audit-trail.js';
import { DpopClient } from './dpop-client.js';
import {
  ACCESS_TOKEN,
  annasToken,
  declareExchanger,
  type Exchanger,
  INVOICES_TO_EXPENSES,
  TOKEN_EXCHANGE,
} from './exchanger.js';
import { anna, expenses, house, invoices, stack } from './house.js';

const SIGNED = 'application/token-introspection+jwt';
const { clientId, clientSecret } = stack.introspection;
const credentials = basic(clientId, clientSecret);
const introspect = async (token: string) =>
  (await house.introspect(credentials, token)).json<{ active: boolean; act?: object; scope?: string }>();

/** LIVENESS_SECONDS, and what a busy machine adds. */
const PATIENCE_SECONDS = 20;

interface Exchanged extends Tokens {
  readonly issued_token_type: string;
}

describe('a gateway in front of another MCP server', () => {
  let gateway: Exchanger;
  beforeAll(async () => {
    gateway = await declareExchanger();
  });

  it('calls it with a token of its own making, and not with the one it was called with (AS-115, RS-45, GW-07)', async () => {
    const { tokens, client } = await annasToken();
    // What a proxy would do that passes tokens on, and why it does not work.
    const passedOn = await new McpRaw(expenses).call('list_expenses', {}, { token: tokens.access_token });
    expect(passedOn.status).toBe(401);
    expect(readChallenge(passedOn.header('www-authenticate')).parameters['error']).toBe('invalid_token');

    const answer = await gateway.exchange(tokens.access_token);
    expect([answer.status, answer.header('cache-control')]).toEqual([200, expect.stringContaining('no-store')]);
    const exchanged = answer.json<Exchanged>();
    expect(exchanged).toMatchObject({
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      scope: 'expenses:read expenses:submit',
    });
    expect(exchanged).not.toHaveProperty('refresh_token');
    const before = claimsOf(tokens.access_token);
    const after = claimsOf(exchanged.access_token);
    expect(after).toMatchObject({
      aud: expenses,
      sub: before['sub'],
      client_id: gateway.client_id,
      act: { sub: gateway.client_id },
      auth_time: before['auth_time'],
    });
    expect(after['exp'] as number).toBeLessThanOrEqual(before['exp'] as number);
    expect(before['client_id']).toBe(client.client_id);

    const called = await new McpRaw(expenses).call('list_expenses', {}, { token: exchanged.access_token });
    expect([called.status, rpcOf(called).result?.['isError']]).not.toContain(true);
    expect(called.status).toBe(200);
    expect((await new McpRaw(invoices).call('list_invoices', {}, { token: exchanged.access_token })).status).toBe(401);
    expect(await auditTrail(exchanged.access_token)).toEqual([{ type: 'token.exchanged', reason: null }]);
  });

  it('exchanges along a line that only shrinks, and says who acts (AS-115)', async () => {
    const narrow = { 'expenses:read': 'expenses:read' };
    const behind = await declareExchanger([{ from: expenses, to: expenses, scopes: narrow }]);
    const { tokens } = await annasToken();
    const first = (await gateway.exchange(tokens.access_token)).json<Exchanged>();
    const second = (await behind.exchange(first.access_token)).json<Exchanged>();
    expect(second.scope).toBe('expenses:read');
    expect(await introspect(second.access_token)).toMatchObject({
      active: true,
      scope: 'expenses:read',
      act: { sub: behind.client_id, act: { sub: gateway.client_id } },
    });
    const mcp = new McpRaw(expenses);
    expect((await mcp.call('list_expenses', {}, { token: second.access_token })).status).toBe(200);
    const submission = { title: 'Taxi', amount: 12 };
    expect((await mcp.call('submit_expense', submission, { token: second.access_token })).status).toBe(403);
  });

  it('loses all that it has exchanged when the person or her client ends what it was made of (AS-111, AS-115)', async () => {
    const { tokens, client } = await annasToken();
    const { access_token: exchanged } = (await gateway.exchange(tokens.access_token)).json<Exchanged>();
    expect(await introspect(exchanged)).toMatchObject({ active: true });
    expect((await house.revoke(client, tokens.refresh_token)).status).toBe(200);
    expect(await introspect(exchanged)).toEqual({ active: false });
    const mcp = new McpRaw(expenses);
    let status = 200;
    for (let second = 0; status === 200 && second < PATIENCE_SECONDS; second += 1) {
      status = (await mcp.call('list_expenses', {}, { token: exchanged })).status;
      await pause(1000);
    }
    expect(status).toBe(401);
  });

  it('gives back what it exchanged, and leaves the rest alone (AS-111)', async () => {
    const { tokens } = await annasToken();
    const { access_token: exchanged } = (await gateway.exchange(tokens.access_token)).json<Exchanged>();
    const { client_id, client_secret } = gateway;
    const given = await house.ask('revoke', form({ token: exchanged, client_id, client_secret }));
    expect(given.status).toBe(200);
    expect(await introspect(exchanged)).toEqual({ active: false });
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true });
  });

  it('finds the grant in the metadata', async () => {
    const url = house.endpoint('.well-known/oauth-authorization-server');
    const { grant_types_supported } = (await ask(url)).json<{ grant_types_supported: string[] }>();
    expect(grant_types_supported).toContain('urn:ietf:params:oauth:grant-type:token-exchange');
  });
});

describe('openid-client as a gateway', () => {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated as a warning; loopback is what it is for
  const execute = [openid.allowInsecureRequests];
  const configOf = ({ client_id, client_secret }: Exchanger) =>
    openid.discovery(new URL(stack.issuer), client_id, undefined, openid.ClientSecretPost(client_secret), { execute });
  const request = (subject_token: string) => ({ subject_token, subject_token_type: ACCESS_TOKEN, audience: expenses });

  it('exchanges with its generic grant request, and calls the other server (AS-115)', async () => {
    const { tokens } = await annasToken();
    const config = await configOf(await declareExchanger());
    const exchanged = await openid.genericGrantRequest(config, TOKEN_EXCHANGE, request(tokens.access_token));
    expect(exchanged).toMatchObject({ issued_token_type: ACCESS_TOKEN, token_type: 'bearer' });
    const called = await new McpRaw(expenses).call('list_expenses', {}, { token: exchanged.access_token });
    expect(called.status).toBe(200);
  });

  it('exchanges a bound token for one that is bound to its own key, if it runs the place (AS-115)', async () => {
    const holder = await DpopClient.register();
    await holder.learnNonce();
    const pending = house.begin(holder.client, { resource: invoices, scope: 'invoices:read' });
    const code = await house.approve(house.browser(), pending, { account: anna });
    const { access_token: bound } = (await holder.redeem(pending, code)).json<Tokens>();
    const refused = await declareExchanger();
    expect((await refused.exchange(bound)).error).toBe('invalid_request');

    const config = await configOf(await declareExchanger([{ ...INVOICES_TO_EXPENSES, accepts_bound_tokens: true }]));
    await expect(openid.genericGrantRequest(config, TOKEN_EXCHANGE, request(bound))).rejects.toMatchObject({
      error: 'invalid_request',
    });
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
    const exchanged = await openid.genericGrantRequest(config, TOKEN_EXCHANGE, request(bound), { DPoP });
    expect(exchanged.token_type).toBe('dpop');
    const { cnf, act } = claimsOf(exchanged.access_token) as { cnf: { jkt: string }; act: object };
    expect(act).toEqual({ sub: config.clientMetadata().client_id });
    expect(cnf.jkt).not.toBe((claimsOf(bound)['cnf'] as { jkt: string }).jkt);
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
    const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' });
    const call = (token: string) =>
      openid.fetchProtectedResource(config, token, new URL(expenses), 'POST', body, headers, { DPoP });
    expect((await call(exchanged.access_token)).status).toBe(200);
    expect((await new McpRaw(expenses).modern('tools/list', { token: exchanged.access_token })).status).toBe(401);
  });
});

describe('an answer of introspection that is signed', () => {
  const signed = (token: string) =>
    house.ask('introspect', form({ token }, { authorization: credentials, accept: SIGNED }));
  const keys = createRemoteJWKSet(new URL(house.endpoint('jwks.json')));
  const verified = (text: string) =>
    jwtVerify(text, keys, { typ: 'token-introspection+jwt', issuer: stack.issuer, audience: clientId });

  it('verifies with the published keys, and says what the plain one says (AS-110)', async () => {
    const { tokens } = await annasToken();
    const gateway = await declareExchanger([INVOICES_TO_EXPENSES]);
    const { access_token: exchanged } = (await gateway.exchange(tokens.access_token)).json<Exchanged>();
    for (const token of [tokens.access_token, exchanged]) {
      const answer = await signed(token);
      expect([answer.status, answer.type]).toEqual([200, SIGNED]);
      expect(answer.header('cache-control')).toContain('no-store');
      const { payload } = await verified(answer.text);
      expect(payload).toEqual({
        iss: stack.issuer,
        aud: clientId,
        iat: expect.any(Number),
        token_introspection: await introspect(token),
      });
    }
    const dead = await verified((await signed('x')).text);
    expect(dead.payload['token_introspection']).toEqual({ active: false });
  });

  it('comes only to those who ask for it by name, and errors stay JSON', async () => {
    const { tokens } = await annasToken();
    for (const accept of ['*/*', 'application/json', `application/json, ${SIGNED};q=0.1`]) {
      const answer = await house.ask(
        'introspect',
        form({ token: tokens.access_token }, { authorization: credentials, accept }),
      );
      expect([answer.type, answer.json()['active']]).toEqual(['application/json', true]);
    }
    const headers = { authorization: basic(clientId, 'wrong'), accept: SIGNED };
    const refused = await house.ask('introspect', form({ token: tokens.access_token }, headers));
    expect([refused.status, refused.type, refused.error]).toEqual([401, 'application/json', 'invalid_client']);
  });

  it('opens no tool, and is no token to introspect or to exchange (RS-43)', async () => {
    const { tokens } = await annasToken();
    const { text } = await signed(tokens.access_token);
    expect(decodeProtectedHeader(text).typ).toBe('token-introspection+jwt');
    expect((await new McpRaw(invoices).call('list_invoices', {}, { token: text })).status).toBe(401);
    expect(await introspect(text)).toEqual({ active: false });
    const gateway = await declareExchanger([INVOICES_TO_EXPENSES]);
    expect((await gateway.exchange(text)).error).toBe('invalid_request');
  });

  it('is announced with its algorithm', async () => {
    const url = house.endpoint('.well-known/oauth-authorization-server');
    const document = (await ask(url)).json();
    expect(document['introspection_signing_alg_values_supported']).toEqual(['ES256']);
  });
});
