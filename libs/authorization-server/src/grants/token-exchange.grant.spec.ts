/* One house with a person, a gateway and the server behind it, and every rule tried on it; split, each part would build it again. */
import { testProofKey, type TestProofKey } from '@gatehouse/dpop/testing';
import { type ClientId, newSecret, type ResourceIdentifier } from '@gatehouse/protocol';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { OPEN_TO_ALL } from '../clients/client-trust.js';
import { type Client, TOKEN_EXCHANGE_GRANT } from '../clients/client.js';
import type { ExchangeRule } from '../exchange/exchange-rule.js';
import type { ProtectedResource } from '../resources/protected-resource.js';
import { adminResource } from '../resources/own-resources.js';
import { approvedCode, form, ISSUER, type MemoryCore, memoryCore, REDIRECT, VERIFIER } from '../testing/memory-core.js';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });
const bad = (reason: string) => refusal('invalid_request', reason);

/** A client of a person at invoices, a gateway that runs invoices, and the server behind it. */
async function house(options: Parameters<typeof memoryCore>[0] = {}) {
  const core = memoryCore(options);
  const invoices = core.resource();
  const expenses = core.resource({
    name: 'Expenses',
    scopes: ['expenses:read', 'expenses:submit', 'expenses:approve'].map((name) => ({ name, description: name })),
    defaultScopes: ['expenses:read'],
  });
  const person = core.person(invoices);
  const entitle = (resource: ProtectedResource, scopes: readonly string[]) =>
    core.database.entitlements.set(`${person.accountId} ${resource.identifier}`, scopes);
  entitle(expenses, ['expenses:read', 'expenses:submit']);
  const rule: ExchangeRule = {
    from: invoices.identifier,
    to: expenses.identifier,
    scopes: {
      'expenses:read': 'invoices:read',
      'expenses:submit': 'invoices:write',
      'expenses:approve': 'invoices:read',
    },
  };
  const gateway = exchanger(core, 'gateway', [rule]);

  const client = core.client();
  const subject = async (scope = 'invoices:read invoices:write') => {
    const code = await approvedCode(core, client, invoices, person, { scope }, scope.split(' '));
    const parameters = { grant_type: 'authorization_code', client_id: client.id, code, code_verifier: VERIFIER };
    return (await core.token.handle({ parameters: form(parameters) })).access_token;
  };
  const token = await subject();
  const claims = async (text: string) => (await core.accessTokens.read(text))!;
  return { core, invoices, expenses, person, entitle, rule, gateway, client, subject, token, claims };
}

/** A client that may exchange, and how it does. */
function exchanger(core: MemoryCore, id: string, exchanges: readonly ExchangeRule[], overrides: Partial<Client> = {}) {
  const secret = newSecret('ghs_');
  const client = core.client({
    id: id as ClientId,
    origin: 'pre-registered',
    redirectUris: [],
    grantTypes: [TOKEN_EXCHANGE_GRANT],
    authMethod: 'client_secret_post',
    secrets: [{ hash: core.secrets.hash(secret) }],
    exchanges,
    ...overrides,
  });
  const exchange = (
    subject_token: string | undefined,
    change: Readonly<Record<string, string | undefined>> = {},
    proofs?: readonly string[],
  ) =>
    core.token.handle({
      parameters: form({
        grant_type: TOKEN_EXCHANGE_GRANT,
        client_id: client.id,
        client_secret: secret,
        subject_token,
        subject_token_type: ACCESS_TOKEN,
        resource: exchanges[0]?.to,
        ...change,
      }),
      ...(proofs ? { proofs } : {}),
    });
  return { client, secret, exchange };
}

describe('a gateway', () => {
  it('gets, for the token it was called with, one for the server behind it (AS-115)', async () => {
    const { core, expenses, person, gateway, token, claims } = await house();
    const answer = await gateway.exchange(token);
    expect(answer).toEqual({
      access_token: expect.any(String),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'expenses:read expenses:submit',
    });
    const before = await claims(token);
    expect(await claims(answer.access_token)).toEqual({
      ...before,
      aud: expenses.identifier,
      client_id: 'gateway',
      scope: 'expenses:read expenses:submit',
      iat: before.iat,
      jti: expect.any(String),
      grant_id: expect.any(String),
      act: { sub: 'gateway' },
    });
    expect(before.sub).toBe(person.accountId);
    expect(core.database.audit.at(-1)).toMatchObject({
      type: 'token.exchanged',
      clientId: 'gateway',
      accountId: person.accountId,
      resource: expenses.identifier,
      detail: { parent: before.grant_id, from: before.aud },
    });
  });

  it('may name the target as resource, as audience, or both, in any spelling, and the token as JWT', async () => {
    const { expenses, gateway, token } = await house();
    const loud = expenses.identifier.replace('https://', 'HTTPS://');
    for (const change of [
      { resource: undefined, audience: expenses.identifier },
      { audience: loud },
      { resource: loud },
      { subject_token_type: JWT },
    ])
      await expect(gateway.exchange(token, change)).resolves.toBeDefined();
    expect(await gateway.exchange(token, { requested_token_type: JWT })).toMatchObject({ issued_token_type: JWT });
  });

  it('gets no more scopes than it asks for, and none that was not warranted (AS-115)', async () => {
    const { gateway, token, subject } = await house();
    expect((await gateway.exchange(token, { scope: 'expenses:read' })).scope).toBe('expenses:read');
    const narrow = await subject('invoices:read');
    expect((await gateway.exchange(narrow)).scope).toBe('expenses:read');
    await expect(gateway.exchange(narrow, { scope: 'expenses:submit' })).rejects.toEqual(
      refusal('invalid_scope', 'scope_not_warranted'),
    );
    for (const scope of ['expenses:read expenses:submit', 'expenses:other', 'invoices:read'])
      await expect(gateway.exchange(narrow, { scope })).rejects.toEqual(
        refusal('invalid_scope', 'scope_not_warranted'),
      );
  });

  it('is helped by a scope that includes the one that warrants, and by no narrower one', async () => {
    const { core, gateway, subject, invoices, expenses } = await house();
    const broad = await subject('invoices:write');
    expect((await gateway.exchange(broad)).scope).toBe('expenses:read expenses:submit');
    const upwards = exchanger(core, 'upwards', [
      { from: invoices.identifier, to: expenses.identifier, scopes: { 'expenses:submit': 'invoices:write' } },
    ]);
    await expect(upwards.exchange(await subject('invoices:read'))).rejects.toEqual(
      refusal('invalid_scope', 'scope_not_warranted'),
    );
  });

  it('gets nothing that the person has not got there, though a rule warrants it', async () => {
    const { gateway, token, entitle, expenses } = await house();
    await expect(gateway.exchange(token, { scope: 'expenses:approve' })).rejects.toEqual(
      refusal('invalid_scope', 'scope_not_entitled'),
    );
    entitle(expenses, []);
    await expect(gateway.exchange(token)).rejects.toEqual(refusal('invalid_scope', 'scope_not_entitled'));
  });

  it('gets nothing for a scope that was taken from the person where the token came from', async () => {
    const { gateway, token, entitle, invoices } = await house();
    entitle(invoices, ['invoices:read']);
    expect((await gateway.exchange(token)).scope).toBe('expenses:read');
    entitle(invoices, []);
    await expect(gateway.exchange(token)).rejects.toEqual(refusal('invalid_scope', 'scope_not_warranted'));
  });

  it('gets a token that ends no later than the one it showed, however often it exchanges (AS-115)', async () => {
    const { core, gateway, token, claims } = await house();
    core.clock.advance(200);
    const answer = await gateway.exchange(token);
    expect(answer.expires_in).toBe(100);
    expect((await claims(answer.access_token)).exp).toBe((await claims(token)).exp);
    core.clock.advance(100);
    await expect(gateway.exchange(token)).rejects.toEqual(bad('unusable_subject_token'));
  });

  it('never gets a refresh token, though it is registered for them', async () => {
    const { core, rule, token } = await house();
    const grantTypes = [TOKEN_EXCHANGE_GRANT, 'refresh_token', 'authorization_code'] as const;
    const greedy = exchanger(core, 'greedy', [rule], { grantTypes });
    const answer = await greedy.exchange(token, { scope: 'expenses:read offline_access' });
    expect(answer).not.toHaveProperty('refresh_token');
    expect(answer).not.toHaveProperty('id_token');
    const grant = (await core.accessTokens.read(answer.access_token))!.grant_id;
    expect(core.database.authorizations.get(grant)).not.toHaveProperty('refresh');
  });

  it('costs three store calls: the client, the subject with the target, and what is stored', async () => {
    const { core, gateway, token } = await house();
    await gateway.exchange(token);
    const before = core.database.verbs;
    await gateway.exchange(token);
    expect(core.database.verbs - before).toBe(3);
  });

  it('leaves nothing behind when no key may sign', async () => {
    const { core, gateway, token } = await house();
    const before = core.database.authorizations.size;
    core.signer.available = false;
    await expect(gateway.exchange(token)).rejects.toMatchObject({ reason: 'keys_unavailable' });
    expect(core.database.authorizations.size).toBe(before);
  });
});

describe('the request', () => {
  it('is refused without subject_token or its type, and never taken for another grant (AS-115)', async () => {
    const { gateway, token } = await house();
    for (const change of [{ subject_token: undefined }, { subject_token: '' }, { subject_token_type: undefined }])
      await expect(gateway.exchange(token, change)).rejects.toEqual(bad('missing_parameter'));
  });

  it('is refused for a type of token that is not understood', async () => {
    const { gateway, token } = await house();
    const types = ['refresh_token', 'id_token', 'saml2', 'id-jag'].map((type) =>
      ACCESS_TOKEN.replace('access_token', type),
    );
    for (const type of [...types, 'access_token', `${ACCESS_TOKEN} `]) {
      await expect(gateway.exchange(token, { subject_token_type: type })).rejects.toEqual(
        bad('unsupported_subject_token_type'),
      );
      await expect(gateway.exchange(token, { requested_token_type: type })).rejects.toEqual(
        bad('unsupported_requested_token_type'),
      );
    }
  });

  it('names one target: not none, not two, not one by resource and another by audience', async () => {
    const { gateway, token, invoices, expenses } = await house();
    const target = (reason: string) => refusal('invalid_target', reason);
    const none = { resource: undefined };
    await expect(gateway.exchange(token, none)).rejects.toEqual(target('missing_resource'));
    await expect(gateway.exchange(token, { audience: invoices.identifier })).rejects.toEqual(
      target('several_resources'),
    );
    await expect(gateway.exchange(token, { audience: 'expenses' })).rejects.toEqual(target('unknown_resource'));
    await expect(gateway.exchange(token, { resource: `${expenses.identifier}#x` })).rejects.toEqual(
      target('malformed_resource'),
    );
  });

  it('has an actor token with its type or neither (AS-115)', async () => {
    const { gateway, token } = await house();
    for (const change of [{ actor_token: token }, { actor_token_type: ACCESS_TOKEN }])
      await expect(gateway.exchange(token, change)).rejects.toEqual(bad('unpaired_actor_token'));
    await expect(gateway.exchange(token, { actor_token: token, actor_token_type: 'x' })).rejects.toEqual(
      bad('unsupported_actor_token_type'),
    );
  });
});

describe('the actor token', () => {
  async function withRobot() {
    const given = await house();
    const { core, rule, expenses } = given;
    const overrides = {
      grantTypes: [TOKEN_EXCHANGE_GRANT, 'client_credentials'] as const,
      scopes: ['expenses:read'],
    };
    const robot = exchanger(core, 'robot', [rule], overrides);
    const own = async (by = robot) =>
      (
        await core.token.handle({
          parameters: form({
            grant_type: 'client_credentials',
            client_id: by.client.id,
            client_secret: by.secret,
            resource: expenses.identifier,
          }),
        })
      ).access_token;
    const act = (actor_token: string) => robot.exchange(given.token, { actor_token, actor_token_type: ACCESS_TOKEN });
    return { ...given, robot, own, act, other: exchanger(core, 'other', [rule], overrides) };
  }

  it('may be the own token of the client that exchanges, and adds nothing', async () => {
    const { act, own, claims } = await withRobot();
    expect((await claims((await act(await own())).access_token)).act).toEqual({ sub: 'robot' });
  });

  it('is not that of another client, nor that of a person', async () => {
    const { act, own, other, token } = await withRobot();
    for (const foreign of [await own(other), token])
      await expect(act(foreign)).rejects.toEqual(bad('actor_token_of_other_client'));
  });

  it('is alive, and ours', async () => {
    const { core, act, own, robot } = await withRobot();
    await expect(act('a.b.c')).rejects.toEqual(bad('unusable_actor_token'));
    const token = await own();
    await core.revocation.revoke({
      parameters: form({ token, client_id: robot.client.id, client_secret: robot.secret }),
    });
    await expect(act(token)).rejects.toEqual(bad('unusable_actor_token'));
  });
});

describe('the client', () => {
  it('is one that an operator registered with a rule, and that proves who it is', async () => {
    const { core, rule, token, invoices } = await house();
    const unauthorized = (reason: string) => refusal('unauthorized_client', reason);
    await expect(exchanger(core, 'c_self', [rule], { origin: 'dynamic' }).exchange(token)).rejects.toEqual(
      unauthorized('client_not_pre_registered'),
    );
    const anybody = exchanger(core, 'public', [rule], { authMethod: 'none', secrets: [] });
    await expect(anybody.exchange(token, { client_secret: undefined })).rejects.toEqual(
      unauthorized('wrong_client_auth_method'),
    );
    const unasked = exchanger(core, 'portal', [rule], { grantTypes: ['authorization_code'] });
    await expect(unasked.exchange(token)).rejects.toEqual(unauthorized('grant_type_not_registered'));
    const ruleless = exchanger(core, 'ruleless', [], { exchanges: undefined });
    await expect(ruleless.exchange(token, { resource: invoices.identifier })).rejects.toEqual(
      bad('subject_token_not_exchangeable'),
    );
  });

  it('may be the very client that the person let in: it acts, and says so', async () => {
    const { core, invoices, person, rule, claims } = await house();
    const both = { grantTypes: [TOKEN_EXCHANGE_GRANT, 'authorization_code'], redirectUris: [REDIRECT] } as const;
    const portal = exchanger(core, 'portal', [rule], both);
    const code = await approvedCode(core, portal.client, invoices, person);
    const { access_token } = await core.token.handle({
      parameters: form({
        grant_type: 'authorization_code',
        client_id: 'portal',
        client_secret: portal.secret,
        code,
        code_verifier: VERIFIER,
      }),
    });
    const answer = await portal.exchange(access_token);
    expect(await claims(answer.access_token)).toMatchObject({ client_id: 'portal', act: { sub: 'portal' } });
  });

  it('goes along its own rules only, and in their direction', async () => {
    const { core, gateway, rule, token, invoices, expenses } = await house();
    for (const resource of [invoices.identifier, core.resource().identifier])
      await expect(gateway.exchange(token, { resource })).rejects.toEqual(
        refusal('invalid_target', 'exchange_not_declared'),
      );
    const back = exchanger(core, 'back', [{ ...rule, from: expenses.identifier, to: invoices.identifier }]);
    await expect(back.exchange(token)).rejects.toEqual(bad('subject_token_not_exchangeable'));
  });

  it('gets nothing at a target that is disabled or gone, nor at the resources of this server', async () => {
    const { core, rule, token, expenses, person } = await house();
    const at = (to: ResourceIdentifier, id: string) =>
      exchanger(core, id, [{ ...rule, to, scopes: { 'clients:write': 'invoices:read' } }]).exchange(token);
    await expect(at('https://gone.example/mcp' as ResourceIdentifier, 'one')).rejects.toEqual(
      refusal('invalid_target', 'unknown_resource'),
    );
    await core.ownResources.publish();
    const admin = adminResource(ISSUER);
    core.database.entitlements.set(`${person.accountId} ${admin.identifier}`, ['clients:write']);
    await expect(at(admin.identifier, 'two')).rejects.toEqual(refusal('invalid_target', 'exchange_not_declared'));
    core.database.disableResource(expenses.identifier, core.clock.now());
    await expect(at(expenses.identifier, 'three')).rejects.toEqual(refusal('invalid_target', 'disabled_resource'));
  });
});

describe('the subject token', () => {
  let given: Awaited<ReturnType<typeof house>>;
  beforeEach(async () => {
    given = await house();
  });

  it('is a living access token of this server: no refresh token, no other thing, whatever its type is said to be', async () => {
    const { core, gateway, token, invoices, person } = given;
    await core.ownResources.publish();
    const client = core.client();
    const code = await approvedCode(core, client, invoices, person, { scope: 'openid invoices:read' }, [
      'openid',
      'invoices:read',
    ]);
    const parameters = { grant_type: 'authorization_code', client_id: client.id, code, code_verifier: VERIFIER };
    const { id_token, refresh_token } = await core.token.handle({ parameters: form(parameters) });
    for (const wrong of ['x', `${token}x`, refresh_token, id_token])
      await expect(gateway.exchange(wrong)).rejects.toEqual(bad('unusable_subject_token'));
  });

  it('is not one that was revoked by its client', async () => {
    const { core, gateway, token, client } = given;
    await core.revocation.revoke({ parameters: form({ token, client_id: client.id }) });
    await expect(gateway.exchange(token)).rejects.toEqual(bad('authorization_revoked'));
  });

  it.each(['client', 'account', 'resource'] as const)('is not one whose %s is disabled', async (party) => {
    const { core, gateway, token, client, person, invoices } = given;
    if (party === 'client') core.database.disableClient(client.id, core.clock.now());
    if (party === 'account') core.database.disableAccount(person.accountId);
    if (party === 'resource') core.database.disableResource(invoices.identifier, core.clock.now());
    await expect(gateway.exchange(token)).rejects.toEqual(bad(`disabled_${party}`));
  });

  it('is not one of a client that is no longer wanted here', async () => {
    const denied = { ...OPEN_TO_ALL, denied: { domains: [] as string[], clients: [] as string[] } };
    const { gateway, token, client } = await house({ trust: denied });
    denied.denied.clients.push(client.id);
    await expect(gateway.exchange(token)).rejects.toEqual(bad('client_not_allowed'));
  });

  it('is refused when it is revoked between our read and our write', async () => {
    const { core, gateway, token, client } = given;
    const derive = core.exchanges.derive.bind(core.exchanges);
    core.exchanges.derive = async (derived, audit, now) => {
      await core.revocation.revoke({ parameters: form({ token, client_id: client.id }) });
      return derive(derived, audit, now);
    };
    const before = core.database.authorizations.size;
    await expect(gateway.exchange(token)).rejects.toEqual(bad('authorization_revoked'));
    expect(core.database.authorizations.size).toBe(before);
    expect(core.auditTypes()).not.toContain('token.exchanged');
  });
});

describe('a subject token that is bound to a key', () => {
  async function bound() {
    const given = await house({ policy: { dpopNonces: false } });
    const { core, client, invoices, person, rule } = given;
    const [holder, own, thief] = await Promise.all([testProofKey(), testProofKey(), testProofKey()]);
    const proof = (key: TestProofKey) => key.proof({ url: `${ISSUER}/token`, at: core.clock.now() });
    const code = await approvedCode(core, client, invoices, person);
    const { access_token: token } = await core.token.handle({
      parameters: form({ grant_type: 'authorization_code', client_id: client.id, code, code_verifier: VERIFIER }),
      proofs: [await proof(holder)],
    });
    const runner = exchanger(core, 'runner', [{ ...rule, acceptsBoundTokens: true }]);
    return { ...given, token, holder, own, thief, proof, runner };
  }

  it('is exchanged by whoever proves that key', async () => {
    const { core, gateway, token, holder, proof, claims } = await bound();
    const answer = await gateway.exchange(token, {}, [await proof(holder)]);
    expect(answer.token_type).toBe('DPoP');
    expect((await claims(answer.access_token)).cnf).toEqual({ jkt: holder.jkt });
    // As of every token, the audit trail knows whether it is of use without a key.
    expect(core.database.audit.at(-1)).toMatchObject({ type: 'token.exchanged', detail: { dpop: true } });
  });

  it('is exchanged by who runs the place it is for, with a key of its own, and comes out bound to that', async () => {
    const { runner, token, own, proof, claims } = await bound();
    const answer = await runner.exchange(token, {}, [await proof(own)]);
    expect((await claims(answer.access_token)).cnf).toEqual({ jkt: own.jkt });
  });

  it('is worth nothing without a proof, nor with that of a thief, nor does it come out unbound', async () => {
    const { gateway, runner, token, thief, proof } = await bound();
    await expect(gateway.exchange(token)).rejects.toEqual(bad('subject_token_bound'));
    await expect(gateway.exchange(token, {}, [await proof(thief)])).rejects.toEqual(bad('subject_token_bound'));
    await expect(runner.exchange(token)).rejects.toEqual(bad('subject_token_bound'));
  });
});

describe('what was exchanged', () => {
  async function exchanged() {
    const given = await house();
    const { core, gateway, token, expenses } = given;
    await core.resources.publishServer({ id: expenses.serverId, secrets: [{ hash: core.secrets.hash('rs') }] });
    const introspect = async (text: string) => {
      const parameters = form({ token: text, client_id: expenses.serverId, client_secret: 'rs' });
      return (await core.introspection.introspect({ parameters })).body;
    };
    const { access_token } = await gateway.exchange(token);
    return { ...given, introspect, derived: access_token };
  }

  it('is shown by introspection with who acts', async () => {
    const { introspect, derived, person } = await exchanged();
    expect(await introspect(derived)).toMatchObject({
      active: true,
      sub: person.accountId,
      client_id: 'gateway',
      act: { sub: 'gateway' },
    });
  });

  it('ends with what it was made of, by revocation', async () => {
    const { core, introspect, derived, token, client } = await exchanged();
    await core.revocation.revoke({ parameters: form({ token, client_id: client.id }) });
    expect(await introspect(derived)).toEqual({ active: false });
  });

  it('is given back by the client that exchanged it, and by no other, and takes nothing with it', async () => {
    const { core, introspect, derived, gateway, client, claims, token } = await exchanged();
    const stranger = core.revocation.revoke({ parameters: form({ token: derived, client_id: client.id }) });
    await expect(stranger).rejects.toMatchObject({ reason: 'token_of_other_client' });
    const { secret } = gateway;
    await core.revocation.revoke({
      parameters: form({ token: derived, client_id: 'gateway', client_secret: secret }),
    });
    expect(await introspect(derived)).toEqual({ active: false });
    const { grant_id } = await claims(token);
    expect((await core.authorizations.find(grant_id))?.authorization).not.toHaveProperty('revoked');
  });

  it.each(['client', 'resource', 'gateway'] as const)('dies when the %s is disabled', async (party) => {
    const { core, introspect, derived, client, invoices, gateway } = await exchanged();
    const now = core.clock.now();
    if (party === 'client') core.database.disableClient(client.id, now);
    if (party === 'resource') core.database.disableResource(invoices.identifier, now);
    if (party === 'gateway') core.database.disableClient(gateway.client.id, now);
    expect(await introspect(derived)).toEqual({ active: false });
  });
});

describe('a line of exchanges', () => {
  /** Resources one after the other, with a gateway between each two. */
  async function line(length: number) {
    const given = await house();
    const { core, invoices, person } = given;
    const resources = [invoices];
    const gateways: ReturnType<typeof exchanger>[] = [];
    for (let index = 0; index < length; index += 1) {
      const next = core.resource();
      core.database.entitlements.set(`${person.accountId} ${next.identifier}`, ['invoices:read', 'invoices:write']);
      const rule: ExchangeRule = {
        from: resources.at(-1)!.identifier,
        to: next.identifier,
        scopes: { 'invoices:read': 'invoices:read', 'invoices:write': 'invoices:write' },
      };
      gateways.push(exchanger(core, `gateway-${index}`, [rule]));
      resources.push(next);
    }
    return { ...given, resources, gateways };
  }

  it('says who acted, the last one outermost, and only shrinks (AS-115)', async () => {
    const { gateways, token, claims } = await line(2);
    const first = await gateways[0]!.exchange(token, { scope: 'invoices:read' });
    const second = await gateways[1]!.exchange(first.access_token);
    expect(second.scope).toBe('invoices:read');
    expect((await claims(second.access_token)).act).toEqual({ sub: 'gateway-1', act: { sub: 'gateway-0' } });
    await expect(gateways[1]!.exchange(first.access_token, { scope: 'invoices:write' })).rejects.toEqual(
      refusal('invalid_scope', 'scope_not_warranted'),
    );
  });

  it('is four links long at most', async () => {
    const { gateways, token } = await line(5);
    let last = token;
    for (const gateway of gateways.slice(0, 4)) last = (await gateway.exchange(last)).access_token;
    await expect(gateways[4]!.exchange(last)).rejects.toEqual(bad('actor_chain_too_deep'));
  });

  it('has nobody act twice in it', async () => {
    const { core, gateways, resources, token } = await line(2);
    const [one, two, three] = resources.map(({ identifier }) => identifier);
    const scopes = { 'invoices:read': 'invoices:read' };
    const rules = [
      { from: one!, to: two!, scopes },
      { from: two!, to: three!, scopes },
    ];
    const eager = exchanger(core, 'eager', rules);
    const first = await eager.exchange(token);
    await expect(eager.exchange(first.access_token, { resource: three! })).rejects.toEqual(bad('actor_chain_cyclic'));
    await expect(gateways[1]!.exchange(first.access_token)).resolves.toBeDefined();
  });

  it('does not lead back to where it was, whatever rules add up to', async () => {
    const { core, gateways, resources, token } = await line(1);
    const [one, two] = resources.map(({ identifier }) => identifier);
    const back = exchanger(core, 'back', [
      { from: two!, to: one!, scopes: { 'invoices:write': 'invoices:read' } },
      { from: two!, to: two!, scopes: { 'invoices:read': 'invoices:read' } },
    ]);
    const first = await gateways[0]!.exchange(token, { scope: 'invoices:read' });
    await expect(back.exchange(first.access_token)).rejects.toEqual(refusal('invalid_target', 'actor_chain_cyclic'));
    // To narrow what one has where one is, is no way back.
    const narrowed = await back.exchange(first.access_token, { resource: two! });
    expect(narrowed.scope).toBe('invoices:read');
  });

  it('falls as a whole when its first link is cut', async () => {
    const { core, gateways, token, client, claims } = await line(3);
    let last = token;
    for (const gateway of gateways) last = (await gateway.exchange(last)).access_token;
    const { grant_id } = await claims(last);
    await core.revocation.revoke({ parameters: form({ token, client_id: client.id }) });
    expect((await core.authorizations.find(grant_id))?.authorization.revoked?.reason).toBe('parent_revoked');
  });
});

describe('a token of a client that acts for itself', () => {
  it('is exchanged with the rights of that client, and keeps it as the subject', async () => {
    const { core, invoices, expenses, gateway, claims } = await house();
    const robot = exchanger(core, 'nightly', [], {
      grantTypes: ['client_credentials'],
      scopes: ['invoices:read', 'invoices:write', 'expenses:read'],
      exchanges: undefined,
    });
    const own = await core.token.handle({
      parameters: form({
        grant_type: 'client_credentials',
        client_id: robot.client.id,
        client_secret: robot.secret,
        resource: invoices.identifier,
      }),
    });
    const answer = await gateway.exchange(own.access_token);
    expect(answer.scope).toBe('expenses:read');
    const derived = await claims(answer.access_token);
    expect(derived).toMatchObject({ sub: 'nightly', client_id: 'gateway', act: { sub: 'gateway' } });
    expect(derived).not.toHaveProperty('auth_time');
    const found = (await core.authorizations.find(derived.grant_id))!;
    expect(found.standing).toMatchObject({ account: 'absent', entitledScopes: robot.client.scopes });
    expect(found.authorization.resource).toBe(expenses.identifier);
  });
});

describe('an access rule at the target', () => {
  it('counts for the client that exchanges, not for the one whose token it is, and only as long as it stands', async () => {
    const { core, expenses, entitle, gateway, client, token } = await house();
    entitle(expenses, []);
    const set = (clients: readonly ClientId[]) =>
      core.database.accessRules.set('expenses', {
        id: 'expenses',
        resource: expenses.identifier,
        scopes: ['expenses:read'],
        clients,
        clientTrust: 'verified',
      });
    set([client.id]);
    await expect(gateway.exchange(token)).rejects.toEqual(refusal('invalid_scope', 'scope_not_entitled'));
    set([gateway.client.id]);
    expect((await gateway.exchange(token)).scope).toBe('expenses:read');
    core.database.accessRules.clear();
    await expect(gateway.exchange(token)).rejects.toEqual(refusal('invalid_scope', 'scope_not_entitled'));
  });

  it('at the source is asked for the client whose token it is: what it lost warrants nothing', async () => {
    const { core, invoices, entitle, gateway, client, token } = await house();
    entitle(invoices, []);
    const set = (clients: readonly ClientId[]) =>
      core.database.accessRules.set('invoices', {
        id: 'invoices',
        resource: invoices.identifier,
        scopes: ['invoices:read'],
        clients,
        clientTrust: 'any',
      });
    set([gateway.client.id]);
    await expect(gateway.exchange(token)).rejects.toEqual(refusal('invalid_scope', 'scope_not_warranted'));
    set([client.id]);
    expect((await gateway.exchange(token)).scope).toBe('expenses:read');
  });
});
