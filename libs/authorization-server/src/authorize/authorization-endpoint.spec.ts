/* One journey, from the request to the redirect, in the order in which a person meets it; split, each part would rebuild the rest. */
import { after, newSecret, tokenHash, type VerifiedRedirect } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import type { Client } from '../clients/client.js';
import { authorizationRequest, BROWSER, ISSUER, memoryCore, REDIRECT } from '../testing/memory-core.js';
import type { SignedInPerson } from './interaction.js';

type Change = Readonly<Record<string, string | undefined>>;

function house(overrides: Partial<Client> = {}) {
  const core = memoryCore();
  const client = core.client(overrides);
  const resource = core.resource();
  const person = core.person(resource);
  const start = (change: Change = {}, who?: SignedInPerson, browser = BROWSER) =>
    core.authorization.start({
      parameters: authorizationRequest(client, resource, change),
      browser,
      ...(who ? { person: who } : {}),
    });
  return {
    core,
    client,
    resource,
    person,
    start,
    /** Begins a journey and signs in. */
    arrive: async (change: Change = {}, who = person) => {
      const { interactionId } = await start(change);
      return (await core.authorization.signedIn(interactionId, BROWSER, who)).interactionId;
    },
    interactions: () => [...core.database.interactions.values()],
    codes: () => [...core.database.codes.values()],
  };
}
const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });
const answer = (location: string) => Object.fromEntries(new URL(location).searchParams);
const APPROVE = { approve: true, scopes: ['invoices:read', 'invoices:write'] } as const;
const UNKNOWN = refusal('invalid_request', 'unknown_interaction');

describe('the honest journey', () => {
  it('goes from sign-in over consent to a code with state and iss', async () => {
    const { core, client, resource, person, start, codes } = house();
    const { interactionId } = await start();
    expect(await core.authorization.step(interactionId, BROWSER)).toEqual({
      kind: 'sign-in',
      wanted: {},
      view: {
        client: { name: 'Ledger assistant', origin: 'dynamic', verified: false },
        redirectHost: '127.0.0.1:51234',
        answerStaysHere: true,
        redirectOrigin: 'http://127.0.0.1:51234',
      },
    });
    const next = await core.authorization.signedIn(interactionId, BROWSER, person);
    expect(await core.authorization.step(next.interactionId, BROWSER, person)).toMatchObject({
      kind: 'consent',
      view: {
        resource: { name: 'Invoices', identifier: resource.identifier },
        scopes: [
          { name: 'invoices:read', description: 'See invoices' },
          { name: 'invoices:write', description: 'Create invoices' },
        ],
        withheld: [],
      },
    });
    const { location } = await core.authorization.decide(next.interactionId, BROWSER, person, APPROVE);
    expect(location.startsWith(`${REDIRECT}?`)).toBe(true);
    const { code, ...rest } = answer(location);
    expect(rest).toEqual({ state: 'xyz', iss: ISSUER });
    expect(codes()).toEqual([
      expect.objectContaining({
        hash: tokenHash(code!),
        clientId: client.id,
        accountId: person.accountId,
        redirectUri: REDIRECT,
        redirectUriWasSent: true,
        scopes: ['invoices:read', 'invoices:write'],
        expiresAt: after(core.clock.now(), 60),
      }),
    ]);
    expect(core.database.audit).toEqual([
      expect.objectContaining({ type: 'consent.granted', clientId: client.id, scopes: APPROVE.scopes }),
    ]);
  });

  it('needs no sign-in when the browser has a session, unless the client asks for one', async () => {
    const { core, person, start } = house();
    const { interactionId } = await start({ prompt: 'consent' }, person);
    expect((await core.authorization.step(interactionId, BROWSER, person)).kind).toBe('consent');
    for (const prompt of ['login', 'consent select_account']) {
      const again = await start({ prompt }, person);
      expect((await core.authorization.step(again.interactionId, BROWSER, person)).kind).toBe('sign-in');
    }
  });

  it('stores only hashes of what the browser holds', async () => {
    const { start, interactions } = house();
    const { interactionId } = await start();
    expect(interactions()[0]).toMatchObject({ id: tokenHash(interactionId), browser: tokenHash(BROWSER) });
    expect(JSON.stringify(interactions())).not.toContain(interactionId);
    expect(JSON.stringify(interactions())).not.toContain(BROWSER);
  });

  it('grants what the person ticked and nothing that was not on offer', async () => {
    const { core, person, arrive, codes } = house();
    const scopes = ['invoices:write', 'invoices:refund', 'admin'];
    await core.authorization.decide(await arrive(), BROWSER, person, { approve: true, scopes });
    expect(codes()[0]?.scopes).toEqual(['invoices:write']);
  });

  it('takes a denial, and a form with nothing ticked, for a denial', async () => {
    const { core, person, arrive, codes } = house();
    for (const decision of [
      { approve: false },
      { approve: true, scopes: [] },
      { approve: true, scopes: ['invoices:refund'] },
    ] as const) {
      const { location } = await core.authorization.decide(await arrive(), BROWSER, person, decision);
      expect(answer(location)).toMatchObject({ error: 'access_denied', state: 'xyz', iss: ISSUER });
    }
    expect(codes()).toEqual([]);
    const denials = core.database.audit.map(({ type, reason }) => [type, reason]);
    expect(denials).toEqual(Array.from({ length: 3 }, () => ['consent.denied', 'consent_denied']));
  });

  it('goes past consent only for a client that cannot be posed as', async () => {
    const redirect = 'https://app.example/cb';
    const vouched = { origin: 'pre-registered', authMethod: 'client_secret_basic', redirectUris: [redirect] } as const;
    const { core, person, start, arrive, codes } = house(vouched);
    await core.authorization.decide(await arrive({ redirect_uri: redirect }), BROWSER, person, APPROVE);
    const { interactionId } = await start({ redirect_uri: redirect }, person);
    const step = await core.authorization.step(interactionId, BROWSER, person);
    expect(step).toEqual({ kind: 'redirect', location: expect.stringContaining('code=ghc_') });
    expect(codes()).toHaveLength(2);
    expect(core.database.audit.at(-1)).toMatchObject({ type: 'consent.granted', detail: { stored: true } });
    await expect(core.authorization.step(interactionId, BROWSER, person)).rejects.toEqual(UNKNOWN);
    const asked = await start({ redirect_uri: redirect, prompt: 'consent' }, person);
    expect((await core.authorization.step(asked.interactionId, BROWSER, person)).kind).toBe('consent');
  });

  it('asks a public client’s person again at every request', async () => {
    const { core, person, arrive } = house();
    await core.authorization.decide(await arrive(), BROWSER, person, APPROVE);
    expect((await core.authorization.step(await arrive(), BROWSER, person)).kind).toBe('consent');
  });
});

describe('before there is a verified redirect URI', () => {
  it.each([
    [{ client_id: undefined }, 'invalid_request', 'missing_parameter'],
    [{ client_id: 'c_unknown' }, 'invalid_client', 'unknown_client'],
    [{ client_id: 'c\u202Eunknown' }, 'invalid_client', 'unknown_client'],
    [{ redirect_uri: 'https://evil.example/cb' }, 'invalid_request', 'unregistered_redirect_uri'],
    [{ redirect_uri: 'http://localhost:51234/callback' }, 'invalid_request', 'unregistered_redirect_uri'],
    [{ redirect_uri: `${REDIRECT}/` }, 'invalid_request', 'unregistered_redirect_uri'],
  ])('%j is a page, and nothing is stored', async (change, code, reason) => {
    const { start, interactions } = house();
    const error = await start(change as Change).catch((thrown: unknown) => thrown);
    expect(error).toEqual(refusal(code, reason));
    expect(error).toMatchObject({ status: 400 });
    expect(interactions()).toEqual([]);
  });

  it('a disabled client is a page, also in the middle of the journey', async () => {
    const { core, client, person, start, arrive } = house();
    const interactionId = await arrive();
    core.database.disableClient(client.id, core.clock.now());
    const disabled = refusal('invalid_client', 'disabled_client');
    await expect(start()).rejects.toEqual(disabled);
    await expect(core.authorization.step(interactionId, BROWSER, person)).rejects.toEqual(disabled);
    await expect(core.authorization.decide(interactionId, BROWSER, person, APPROVE)).rejects.toEqual(disabled);
  });

  it('the redirect URI may be left out only when there is one', async () => {
    const one = house();
    await one.start({ redirect_uri: undefined });
    expect(one.interactions()[0]?.request).toMatchObject({
      redirectUri: 'http://127.0.0.1/callback' as VerifiedRedirect,
      redirectUriWasSent: false,
    });
    const two = house({ redirectUris: ['http://127.0.0.1/callback', 'https://app.example/cb'] });
    await expect(two.start({ redirect_uri: undefined })).rejects.toEqual(
      refusal('invalid_request', 'missing_redirect_uri'),
    );
  });
});

/** What is wrong with a request of a known client, and what the client is told. */
const REFUSALS: readonly (readonly [Change, string, string])[] = [
  [{ response_type: undefined }, 'invalid_request', 'missing_parameter'],
  [{ response_type: 'token' }, 'unsupported_response_type', 'unsupported_response_type'],
  [{ response_type: 'code token' }, 'unsupported_response_type', 'unsupported_response_type'],
  [{ response_mode: 'fragment' }, 'invalid_request', 'unsupported_response_mode'],
  [{ response_mode: 'form_post' }, 'invalid_request', 'unsupported_response_mode'],
  [{ request: 'a.b.c' }, 'request_not_supported', 'unsupported_request_object'],
  [{ request_uri: 'https://app.example/r' }, 'request_uri_not_supported', 'unsupported_request_object'],
  [{ code_challenge: undefined }, 'invalid_request', 'missing_code_challenge'],
  [{ code_challenge_method: undefined }, 'invalid_request', 'unsupported_challenge_method'],
  [{ code_challenge_method: 'plain' }, 'invalid_request', 'unsupported_challenge_method'],
  [{ code_challenge_method: 'S512' }, 'invalid_request', 'unsupported_challenge_method'],
  [{ code_challenge: `${'a'.repeat(43)}=` }, 'invalid_request', 'malformed_code_challenge'],
  [{ code_challenge: 'a'.repeat(42) }, 'invalid_request', 'malformed_code_challenge'],
  [{ resource: 'https://unknown.example/mcp' }, 'invalid_target', 'unknown_resource'],
  [{ resource: '/mcp' }, 'invalid_target', 'malformed_resource'],
  [{ scope: 'invoices:read invoices:delete' }, 'invalid_scope', 'unknown_scope'],
  [{ scope: 'openid profile' }, 'invalid_scope', 'unknown_scope'],
  [{ scope: 'invoices"' }, 'invalid_scope', 'malformed_scope'],
];

describe('a request that is refused', () => {
  it.each(REFUSALS)(
    '%j shows sign-in first, then a page, and tells the client after a click',
    async (change, code, reason) => {
      const { core, person, start, codes } = house();
      const { interactionId } = await start(change);
      expect((await core.authorization.step(interactionId, BROWSER)).kind).toBe('sign-in');
      await expect(core.authorization.deliverRefusal(interactionId, BROWSER, undefined)).rejects.toEqual(
        refusal('access_denied', 'no_session'),
      );
      const next = await core.authorization.signedIn(interactionId, BROWSER, person);
      expect(await core.authorization.step(next.interactionId, BROWSER, person)).toMatchObject({
        kind: 'refusal',
        view: { code, redirectHost: '127.0.0.1:51234', description: expect.any(String) },
      });
      const { location } = await core.authorization.deliverRefusal(next.interactionId, BROWSER, person);
      expect(location.startsWith(`${REDIRECT}?`)).toBe(true);
      expect(answer(location)).toEqual({
        error: code,
        error_description: expect.any(String),
        state: 'xyz',
        iss: ISSUER,
      });
      expect(core.database.audit).toEqual([expect.objectContaining({ type: 'consent.denied', reason })]);
      expect(codes()).toEqual([]);
    },
  );

  it('cannot be approved', async () => {
    const { core, person, arrive, codes } = house();
    const { location } = await core.authorization.decide(await arrive({ scope: 'openid' }), BROWSER, person, APPROVE);
    expect(answer(location)).toMatchObject({ error: 'invalid_scope' });
    expect(codes()).toEqual([]);
  });

  it('is delivered once, and a request that is not refused has none to deliver', async () => {
    const { core, person, arrive } = house();
    const refused = await arrive({ scope: 'openid' });
    await core.authorization.deliverRefusal(refused, BROWSER, person);
    await expect(core.authorization.deliverRefusal(refused, BROWSER, person)).rejects.toEqual(UNKNOWN);
    const good = await arrive();
    await expect(core.authorization.deliverRefusal(good, BROWSER, person)).rejects.toEqual(
      refusal('invalid_request', 'malformed_request'),
    );
    await expect(core.authorization.decide(good, BROWSER, person, APPROVE)).resolves.toBeDefined();
  });

  it('is one of a client that is not registered for codes', async () => {
    const { core, person, arrive } = house({ grantTypes: ['refresh_token'] });
    const { location } = await core.authorization.deliverRefusal(await arrive(), BROWSER, person);
    expect(answer(location)).toMatchObject({ error: 'unauthorized_client' });
  });

  it('is access_denied for a person who may hand on none of the scopes, and says so only to that person', async () => {
    const { core, resource, arrive } = house();
    const ben = core.person(resource, []);
    const interactionId = await arrive({}, ben);
    expect(await core.authorization.step(interactionId, BROWSER, ben)).toMatchObject({
      kind: 'refusal',
      view: { code: 'access_denied' },
    });
    await core.authorization.deliverRefusal(interactionId, BROWSER, ben);
    expect(core.database.audit).toEqual([
      expect.objectContaining({ type: 'consent.denied', reason: 'scope_not_entitled', accountId: ben.accountId }),
    ]);
  });
});

describe('resource and scope of a request', () => {
  const request = async (
    change: Change,
    more: { others?: number; asDefault?: boolean; client?: Partial<Client> } = {},
  ) => {
    const seed = house().resource;
    const core = memoryCore(more.asDefault ? { defaultResource: seed } : {});
    core.database.resources.set(seed.identifier, seed);
    for (let count = 0; count < (more.others ?? 0); count += 1) core.resource();
    const client = core.client(more.client);
    await core.authorization.start({ parameters: authorizationRequest(client, seed, change), browser: BROWSER });
    return { resource: seed, request: [...core.database.interactions.values()][0]?.request };
  };

  it('keeps the registered spelling of the resource, whatever the client’s', async () => {
    const core = memoryCore();
    const resource = core.resource({ identifier: 'https://rs.example' as never });
    const client = core.client();
    for (const spelling of [
      'https://rs.example',
      'https://rs.example/',
      'HTTPS://RS.EXAMPLE',
      'https://rs.example:443/',
    ]) {
      core.database.interactions.clear();
      const parameters = authorizationRequest(client, resource, { resource: spelling });
      await core.authorization.start({ parameters, browser: BROWSER });
      expect([...core.database.interactions.values()][0]?.request).toMatchObject({ resource: 'https://rs.example' });
    }
  });

  it('takes the default resource, or the only one, for a client that names none', async () => {
    const only = await request({ resource: undefined });
    expect(only.request).toMatchObject({ resource: only.resource.identifier });
    const byDefault = await request({ resource: undefined }, { others: 2, asDefault: true });
    expect(byDefault.request).toMatchObject({ resource: byDefault.resource.identifier });
    const undecided = await request({ resource: undefined }, { others: 1 });
    expect(undecided.request).toMatchObject({ refusal: { code: 'invalid_target', reason: 'missing_resource' } });
  });

  it('takes the resource’s default for a client that asks for no scope but offline_access', async () => {
    for (const scope of [undefined, 'offline_access'])
      expect((await request({ scope })).request).toMatchObject({ scopes: ['invoices:read'] });
    expect((await request({ scope: 'invoices:write offline_access' })).request).toMatchObject({
      scopes: ['invoices:write'],
    });
  });

  it('narrows to what a pre-registered client may ask for, and refuses when nothing is left', async () => {
    const client = { scopes: ['invoices:read'] };
    expect((await request({}, { client })).request).toMatchObject({ scopes: ['invoices:read'] });
    expect((await request({ scope: 'invoices:write' }, { client })).request).toMatchObject({
      refusal: { code: 'invalid_scope', reason: 'scope_not_granted' },
    });
  });

  it('refuses a disabled resource', async () => {
    const { core, resource, start, interactions } = house();
    core.database.disableResource(resource.identifier, core.clock.now());
    await start();
    expect(interactions()[0]?.request).toMatchObject({
      refusal: { code: 'invalid_target', reason: 'disabled_resource' },
    });
  });
});

describe('somebody who would take over a journey', () => {
  it('sees nothing of it from another browser', async () => {
    const { core, person, arrive } = house();
    const interactionId = await arrive();
    const other = newSecret('ghb_');
    await expect(core.authorization.step(interactionId, other, person)).rejects.toEqual(UNKNOWN);
    await expect(core.authorization.decide(interactionId, other, person, APPROVE)).rejects.toEqual(UNKNOWN);
    await expect(core.authorization.signedIn(interactionId, other, person)).rejects.toEqual(UNKNOWN);
    await expect(core.authorization.decide(interactionId, BROWSER, person, APPROVE)).resolves.toBeDefined();
  });

  it('has nothing of an id planted before sign-in', async () => {
    const { core, person, start } = house();
    const planted = await start();
    const { interactionId } = await core.authorization.signedIn(planted.interactionId, BROWSER, person);
    expect(interactionId).not.toBe(planted.interactionId);
    await expect(core.authorization.step(planted.interactionId, BROWSER, person)).rejects.toEqual(UNKNOWN);
    expect((await core.authorization.step(interactionId, BROWSER, person)).kind).toBe('consent');
  });

  it('cannot decide for the person who signed in', async () => {
    const { core, resource, person, arrive, codes } = house();
    const interactionId = await arrive();
    const other = core.person(resource);
    await expect(core.authorization.decide(interactionId, BROWSER, other, APPROVE)).rejects.toEqual(
      refusal('access_denied', 'session_of_other_account'),
    );
    await expect(core.authorization.decide(interactionId, BROWSER, undefined, APPROVE)).rejects.toEqual(
      refusal('access_denied', 'no_session'),
    );
    expect((await core.authorization.step(interactionId, BROWSER, other)).kind).toBe('sign-in');
    expect(codes()).toEqual([]);
    await expect(core.authorization.decide(interactionId, BROWSER, person, APPROVE)).resolves.toBeDefined();
  });

  it('gets one code of 50 clicks', async () => {
    const { core, person, arrive, codes } = house();
    const interactionId = await arrive();
    const clicks = await Promise.allSettled(
      Array.from({ length: 50 }, () => core.authorization.decide(interactionId, BROWSER, person, APPROVE)),
    );
    expect(clicks.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const click of clicks)
      if (click.status === 'rejected')
        expect(click.reason).toEqual(refusal('invalid_request', 'interaction_completed'));
    expect(codes()).toHaveLength(1);
  });

  it('comes too late after the end of the interaction', async () => {
    const { core, person, arrive } = house();
    const interactionId = await arrive();
    core.clock.advance(core.policy.interactionLifetime);
    await expect(core.authorization.decide(interactionId, BROWSER, person, APPROVE)).rejects.toEqual(UNKNOWN);
  });

  it('cannot approve what the person lost while the page was open', async () => {
    const { core, resource, person, arrive, codes } = house();
    const narrowed = await arrive();
    await core.entitlements.grant(person.accountId, resource.identifier, ['invoices:read']);
    await core.authorization.decide(narrowed, BROWSER, person, APPROVE);
    expect(codes()[0]?.scopes).toEqual(['invoices:read']);
    const lost = await arrive();
    await core.entitlements.grant(person.accountId, resource.identifier, []);
    const { location } = await core.authorization.decide(lost, BROWSER, person, APPROVE);
    expect(answer(location)).toMatchObject({ error: 'access_denied' });
    expect(codes()).toHaveLength(1);
  });

  it('gets no code for an account that was disabled meanwhile', async () => {
    const { core, person, arrive, codes } = house();
    const interactionId = await arrive();
    core.database.disableAccount(person.accountId);
    await expect(core.authorization.decide(interactionId, BROWSER, person, APPROVE)).rejects.toEqual(
      refusal('invalid_request', 'interaction_completed'),
    );
    expect(codes()).toEqual([]);
  });
});

describe('what the pages are told', () => {
  it('is the host of the client’s page, and that not all its addresses are local', async () => {
    const { core, start } = house({
      clientUri: 'https://ledger.example:8443/about',
      redirectUris: ['https://app.example/cb', 'http://127.0.0.1/callback'],
    });
    const { interactionId } = await start({ redirect_uri: 'https://app.example/cb' });
    expect(await core.authorization.step(interactionId, BROWSER)).toMatchObject({
      view: {
        client: { host: 'ledger.example:8443' },
        redirectHost: 'app.example',
        answerStaysHere: false,
        redirectOrigin: 'https://app.example',
      },
    });
  });

  it('AS-35: is warned of as a program on this machine, https or not', async () => {
    const { core, start } = house({ redirectUris: ['https://localhost:8443/cb', 'http://127.0.0.1/callback'] });
    const { interactionId } = await start({ redirect_uri: 'https://localhost:8443/cb' });
    expect(await core.authorization.step(interactionId, BROWSER)).toMatchObject({ view: { answerStaysHere: true } });
  });

  it('AS-35: is warned of also when the client has addresses of its own elsewhere, as those that everybody knows have', async () => {
    const { core, start } = house({ redirectUris: ['https://app.example/cb', 'http://127.0.0.1/callback'] });
    const { interactionId } = await start({ redirect_uri: 'http://127.0.0.1:51234/callback' });
    expect(await core.authorization.step(interactionId, BROWSER)).toMatchObject({ view: { answerStaysHere: true } });
  });

  it.each([
    ['http://[::1]/callback', 'http://[::1]:51234/callback', 'http://[::1]:51234'],
    ['com.example.app:/cb', 'com.example.app:/cb', 'com.example.app:'],
  ])('is the origin or the scheme that an answer to %s goes to', async (registered, redirect_uri, redirectOrigin) => {
    const { core, start } = house({ redirectUris: [registered] });
    const { interactionId } = await start({ redirect_uri });
    expect(await core.authorization.step(interactionId, BROWSER)).toMatchObject({ view: { redirectOrigin } });
  });

  it('is which scopes are withheld from this person', async () => {
    const { core, person, arrive } = house();
    const interactionId = await arrive({ scope: 'invoices:refund invoices:read' });
    expect(await core.authorization.step(interactionId, BROWSER, person)).toMatchObject({
      kind: 'consent',
      view: { scopes: [{ name: 'invoices:read' }], withheld: [{ name: 'invoices:refund', sensitive: true }] },
    });
  });
});
