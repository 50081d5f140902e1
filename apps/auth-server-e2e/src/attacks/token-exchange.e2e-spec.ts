import { beforeAll, describe, expect, it } from '@jest/globals';
import { clientsCommand, form, type Tokens } from '@gatehouse/test-kit';
import {
  ACCESS_TOKEN,
  annasToken,
  declareExchanger,
  type Exchanger,
  INVOICES_TO_EXPENSES,
  TOKEN_EXCHANGE,
} from '../flows/exchanger.js';
import { anna, ben, expenses, house, invoices, stack } from '../flows/house.js';
import { openArchive, whileDisabled, whileStripped } from './operator.js';
import { reasonsOf } from './refusals.js';

type Change = Readonly<Record<string, string | undefined>>;
type Issued = Tokens & { readonly id_token?: string };

const type = (name: string): string => ACCESS_TOKEN.replace(/access_token$/, name);

/**
 * Exchange is where a token may gain reach, so every parameter counts. CVE-2026-9704 (a dropped subject_token gave more),
 * CVE-2026-16103 (state was checked at the start, not at redemption), CVE-2025-69196 (one token for every server).
 */
describe('a token exchange', () => {
  let gateway: Exchanger;
  let token: string;
  let session: Awaited<ReturnType<typeof annasToken>>;
  beforeAll(async () => {
    gateway = await declareExchanger();
    session = await annasToken('invoices:read');
    token = session.tokens.access_token;
  }, 60_000);

  /** Refused in these words and for this reason, and the honest exchange still works. */
  async function expectRefused(
    change: Change,
    error: string,
    reason: string,
    subject: string | undefined = token,
  ): Promise<void> {
    let answer: string | undefined;
    const reasons = await reasonsOf(async () => {
      const refused = await gateway.exchange(subject, change);
      expect(refused.text).not.toContain('access_token');
      answer = refused.error;
    });
    expect([change, answer, reasons]).toEqual([change, error, [reason]]);
    expect((await gateway.exchange(token)).status).toBe(200);
  }

  it('with a parameter dropped is no other grant, and no default (AS-115)', async () => {
    for (const name of ['subject_token', 'subject_token_type'])
      await expectRefused({ [name]: undefined }, 'invalid_request', 'missing_parameter');
    await expectRefused({ subject_token: '' }, 'invalid_request', 'missing_parameter');
    await expectRefused({ resource: undefined }, 'invalid_target', 'missing_resource');
    await expectRefused({ grant_type: 'client_credentials' }, 'unauthorized_client', 'grant_type_not_registered');
    await expectRefused({ client_secret: undefined }, 'invalid_client', 'wrong_client_auth_method');
  });

  it('for a kind of token that is not understood is refused, not answered with another kind', async () => {
    for (const name of ['refresh_token', 'id_token', 'saml2', 'id-jag', 'ACCESS_TOKEN'])
      await expectRefused({ requested_token_type: type(name) }, 'invalid_request', 'unsupported_requested_token_type');
    for (const name of ['refresh_token', 'id_token', 'saml1'])
      await expectRefused({ subject_token_type: type(name) }, 'invalid_request', 'unsupported_subject_token_type');
  });

  it('names one target: not two audiences, nor an audience beside another resource', async () => {
    const twice = async (pairs: readonly (readonly [string, string])[]) => {
      const { client_id, client_secret } = gateway;
      const plain = form({
        grant_type: TOKEN_EXCHANGE,
        client_id,
        client_secret,
        subject_token: token,
        subject_token_type: ACCESS_TOKEN,
      });
      const body = `${String(plain.body)}&${new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString()}`;
      return (await house.ask('token', { ...plain, body })).error;
    };
    for (const name of ['audience', 'resource'])
      expect(
        await twice([
          [name, expenses],
          [name, invoices],
        ]),
      ).toBe('invalid_target');
    await expectRefused({ audience: invoices }, 'invalid_target', 'several_resources');
    await expectRefused({ audience: 'expenses' }, 'invalid_target', 'unknown_resource');
    await expectRefused({ resource: invoices }, 'invalid_target', 'exchange_not_declared');
    await expectRefused({ resource: `${stack.issuer}/admin` }, 'invalid_target', 'exchange_not_declared');
    expect((await gateway.exchange(token, { audience: expenses })).status).toBe(200);
  });

  it('with half an actor, or with somebody else as the actor, is refused (AS-115)', async () => {
    await expectRefused({ actor_token: token }, 'invalid_request', 'unpaired_actor_token');
    await expectRefused({ actor_token_type: ACCESS_TOKEN }, 'invalid_request', 'unpaired_actor_token');
    const actor_token_type = ACCESS_TOKEN;
    await expectRefused({ actor_token: token, actor_token_type }, 'invalid_request', 'actor_token_of_other_client');
    await expectRefused({ actor_token: 'x', actor_token_type }, 'invalid_request', 'unusable_actor_token');
  });

  it('of what is no access token of this house is refused, whatever it is called', async () => {
    const { tokens } = await house.connected({
      decision: { account: anna },
      resource: invoices,
      scope: 'openid invoices:read',
    });
    const [head, body] = token.split('.');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${body!}.`;
    for (const wrong of [
      tokens.refresh_token,
      (tokens as Issued).id_token,
      'x',
      `${token}x`,
      `${head!}.${body!}.`,
      unsigned,
    ]) {
      expect(wrong).toBeDefined();
      for (const name of ['access_token', 'jwt'])
        await expectRefused({ subject_token_type: type(name) }, 'invalid_request', 'unusable_subject_token', wrong);
    }
  });

  it('of a token that never came to the gateway is refused', async () => {
    const bens = await house.connected({ decision: { account: ben }, resource: expenses, scope: 'expenses:read' });
    await expectRefused({}, 'invalid_request', 'subject_token_not_exchangeable', bens.tokens.access_token);
  });

  it('of a token that was revoked, or whose parties are disabled or stripped, is refused', async () => {
    const { archivist, resource } = openArchive();
    const rule = { from: resource, to: resource, scopes: { 'archive:read': 'archive:read' } };
    const keeper = await declareExchanger([rule]);
    const { client, tokens } = await house.connected({
      decision: { account: archivist },
      resource,
      scope: 'archive:read',
    });
    const attempt = async () => (await keeper.exchange(tokens.access_token)).error;
    expect(await attempt()).toBeUndefined();
    const refused = async (reason: string, error = 'invalid_request') => {
      let answer: string | undefined;
      const reasons = await reasonsOf(async () => {
        answer = await attempt();
      });
      expect([answer, reasons]).toEqual([error, [reason]]);
    };
    await whileDisabled('clients', client.client_id, () => refused('disabled_client'));
    await whileDisabled('accounts', archivist.username, () => refused('disabled_account'));
    await whileDisabled('resources', resource, () => refused('disabled_resource'));
    await whileStripped(archivist.username, resource, () => refused('scope_not_warranted', 'invalid_scope'));
    expect(await attempt()).toBeUndefined();
    await house.revoke(client, tokens.access_token);
    await refused('authorization_revoked');
  });

  it('gives no scope that is not warranted, though the person has it and the rule names it', async () => {
    await expectRefused({ scope: 'expenses:submit' }, 'invalid_scope', 'scope_not_warranted');
    await expectRefused({ scope: 'expenses:read expenses:submit' }, 'invalid_scope', 'scope_not_warranted');
    await expectRefused({ scope: 'expenses:approve' }, 'invalid_scope', 'scope_not_warranted');
    await expectRefused({ scope: 'invoices:read' }, 'invalid_scope', 'scope_not_warranted');
    expect((await gateway.exchange(token)).json()['scope']).toBe('expenses:read');
  });

  it('gives no longer life, whatever is asked for', async () => {
    const answer = await gateway.exchange(token, {
      expires_in: '86400',
      requested_expiry: '86400',
      scope: 'expenses:read',
    });
    const lifetime = answer.json<{ expires_in: number }>().expires_in;
    expect(lifetime).toBeGreaterThan(0);
    expect(lifetime).toBeLessThanOrEqual(session.tokens.expires_in ?? 0);
    expect(answer.json()).not.toHaveProperty('refresh_token');
  });

  it('is nothing for clients that registered themselves, nor for public ones', async () => {
    const grant_types = ['authorization_code', TOKEN_EXCHANGE];
    const methods = ['none', 'client_secret_post'];
    for (const token_endpoint_auth_method of methods) {
      const client = await house.register({
        grant_types,
        token_endpoint_auth_method,
        exchanges: [INVOICES_TO_EXPENSES],
      });
      const { client_id, client_secret } = client;
      const answer = await house.token({
        grant_type: TOKEN_EXCHANGE,
        client_id,
        client_secret,
        subject_token: token,
        subject_token_type: ACCESS_TOKEN,
        resource: expenses,
      });
      expect([answer.status, answer.error]).toEqual([400, 'unauthorized_client']);
    }
    const declared = {
      client_id: 'public-gateway',
      client_name: 'Public',
      grant_types: [TOKEN_EXCHANGE],
      token_endpoint_auth_method: 'none',
      exchanges: [INVOICES_TO_EXPENSES],
    };
    const { exitCode, errors } = await clientsCommand(stack, ['apply', '-'], JSON.stringify({ clients: [declared] }));
    expect(exitCode).not.toBe(0);
    expect(errors).toContain('a client that exchanges tokens must authenticate');
  });

  it('ends with the client: a gateway that an operator stops loses what it has exchanged', async () => {
    const stopped = await declareExchanger();
    const { access_token } = (await stopped.exchange(token)).json<Tokens>();
    await clientsCommand(stack, ['disable', stopped.client_id]);
    expect((await stopped.exchange(token)).error).toBe('invalid_client');
    const { clientId, clientSecret } = stack.introspection;
    const question = form({ token: access_token, client_id: clientId, client_secret: clientSecret });
    expect((await house.ask('introspect', question)).json()).toEqual({ active: false });
  });
});

describe('a chain of exchanges', () => {
  const here = { from: invoices, to: invoices, scopes: { 'invoices:read': 'invoices:read' } };

  it('is no longer than four links', async () => {
    let token = (await annasToken('invoices:read')).tokens.access_token;
    for (let link = 0; link < 4; link += 1)
      token = (await (await declareExchanger([here])).exchange(token)).json<Tokens>().access_token;
    const fifth = await declareExchanger([here]);
    const reasons = await reasonsOf(async () => {
      expect((await fifth.exchange(token)).error).toBe('invalid_request');
    });
    expect(reasons).toEqual(['actor_chain_too_deep']);
  }, 60_000);

  it('has nobody in it twice, and does not lead back to where it came from', async () => {
    const { tokens } = await annasToken('invoices:read');
    const there = await declareExchanger([
      INVOICES_TO_EXPENSES,
      { ...here, from: expenses, to: expenses, scopes: { 'expenses:read': 'expenses:read' } },
    ]);
    const first = (await there.exchange(tokens.access_token)).json<Tokens>().access_token;
    const again = await reasonsOf(async () => {
      expect((await there.exchange(first)).error).toBe('invalid_request');
    });
    expect(again).toEqual(['actor_chain_cyclic']);
    // Each rule is harmless; together they would make writing of reading.
    const back = await declareExchanger([
      { from: expenses, to: invoices, scopes: { 'invoices:write': 'expenses:read' } },
    ]);
    const returned = await reasonsOf(async () => {
      expect((await back.exchange(first)).error).toBe('invalid_target');
    });
    expect(returned).toEqual(['actor_chain_cyclic']);
  }, 60_000);

  it('leaves nothing alive of a revocation and fifty exchanges at once', async () => {
    const gateway = await declareExchanger([here]);
    const { client, tokens } = await annasToken('invoices:read');
    const exchanges = Array.from({ length: 50 }, () => gateway.exchange(tokens.access_token));
    const revoked = house.revoke(client, tokens.refresh_token);
    const answers = await Promise.all(exchanges);
    expect((await revoked).status).toBe(200);
    const { clientId, clientSecret } = stack.introspection;
    for (const answer of answers) {
      expect([200, 400]).toContain(answer.status);
      if (answer.status !== 200) continue;
      const { access_token } = answer.json<Tokens>();
      const question = form({ token: access_token, client_id: clientId, client_secret: clientSecret });
      expect((await house.ask('introspect', question)).json()).toEqual({ active: false });
    }
  }, 60_000);
});
