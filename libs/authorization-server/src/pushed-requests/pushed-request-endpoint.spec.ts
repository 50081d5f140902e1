import { newSecret, Parameters, tokenHash } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import type { Client } from '../clients/client.js';
import type { ServerPolicy } from '../server-policy.js';
import { authorizationRequest, BROWSER, form, memoryCore, VERIFIER } from '../testing/memory-core.js';

type Change = Readonly<Record<string, string | undefined>>;
const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });
const UNKNOWN = refusal('invalid_request_uri', 'unknown_pushed_request');
const PREFIX = 'urn:ietf:params:oauth:request_uri:';

function house(overrides: Partial<Client> = {}, policy: Partial<ServerPolicy> = {}) {
  const core = memoryCore({ policy });
  const client = core.client(overrides);
  const resource = core.resource();
  const person = core.person(resource);
  const push = (change: Change = {}, authorization?: string) =>
    core.pushing.push({
      parameters: authorizationRequest(client, resource, change),
      ...(authorization === undefined ? {} : { authorization }),
    });
  const start = (request_uri: string, more: Change = {}) =>
    core.authorization.start({ parameters: form({ client_id: client.id, request_uri, ...more }), browser: BROWSER });
  return {
    core,
    client,
    resource,
    person,
    push,
    start,
    pushed: () => [...core.database.pushedRequests.values()],
    interactions: () => [...core.database.interactions.values()],
  };
}

describe('a pushed request (AS-113)', () => {
  it('is named by a URI that is good for a minute, and leads to a code like any other', async () => {
    const { core, client, person, push, start } = house();
    const { request_uri, expires_in } = await push();
    expect(request_uri).toMatch(/^urn:ietf:params:oauth:request_uri:ghq_[A-Za-z0-9_-]{43}$/);
    expect(expires_in).toBe(60);
    const { interactionId } = await start(request_uri);
    const next = await core.authorization.signedIn(interactionId, BROWSER, person);
    const { location } = await core.authorization.decide(next.interactionId, BROWSER, person, {
      approve: true,
      scopes: ['invoices:read'],
    });
    const answer = new URL(location).searchParams;
    expect(answer.get('state')).toBe('xyz');
    const tokens = await core.token.handle({
      parameters: form({
        grant_type: 'authorization_code',
        client_id: client.id,
        code: answer.get('code')!,
        code_verifier: VERIFIER,
      }),
    });
    expect(tokens.scope).toBe('invoices:read');
  });

  it('is stored under the hash of its name, and without credentials', async () => {
    const secret = newSecret('ghs_');
    const house1 = house();
    const { core, resource } = house1;
    const client = core.client({
      authMethod: 'client_secret_post',
      secrets: [{ hash: core.secrets.hash(secret) }],
    });
    const { request_uri } = await core.pushing.push({
      parameters: authorizationRequest(client, resource, { client_secret: secret }),
    });
    const [stored] = house1.pushed();
    expect(stored?.id).toBe(tokenHash(request_uri.slice(PREFIX.length)));
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(stored?.parameters.map(([name]) => name)).not.toContain('client_secret');
  });

  it('keeps a resource that is named twice, and every parameter that it does not know', async () => {
    const { core, client, resource, start, pushed } = house();
    const twice = [resource.identifier, resource.identifier.toUpperCase().replace('/MCP', '/mcp')] as const;
    const { request_uri } = await core.pushing.push({
      parameters: new Parameters([
        ...authorizationRequest(client, resource, { resource: undefined, future: 'yes' }).pairsWithout([]),
        ['resource', twice[0]],
        ['resource', twice[1]],
      ]),
    });
    expect(pushed()[0]?.parameters).toEqual(
      expect.arrayContaining([['future', 'yes'], ...twice.map((each) => ['resource', each])]),
    );
    await start(request_uri);
  });

  it('is good once: of 50 browsers that bring it one begins a journey', async () => {
    const { push, start, interactions } = house();
    const { request_uri } = await push();
    const visits = await Promise.allSettled(Array.from({ length: 50 }, () => start(request_uri)));
    expect(visits.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const visit of visits) if (visit.status === 'rejected') expect(visit.reason).toEqual(UNKNOWN);
    expect(interactions()).toHaveLength(1);
    await expect(start(request_uri)).rejects.toEqual(UNKNOWN);
  });

  it('is over after a minute, and good until then', async () => {
    const { core, push, start } = house();
    const [late, inTime] = [await push(), await push()];
    core.clock.advance(59);
    await expect(start(inTime.request_uri)).resolves.toBeDefined();
    core.clock.advance(1);
    await expect(start(late.request_uri)).rejects.toEqual(UNKNOWN);
  });

  it('cannot be used by another client, nor used up by one', async () => {
    const { core, push, start } = house();
    const { request_uri } = await push();
    const stranger = core.client();
    await expect(start(request_uri, { client_id: stranger.id })).rejects.toEqual(
      refusal('invalid_request_uri', 'pushed_request_of_other_client'),
    );
    await expect(start(request_uri, { client_id: undefined })).rejects.toEqual(
      refusal('invalid_request', 'missing_parameter'),
    );
    await expect(start(request_uri)).resolves.toBeDefined();
  });

  it('is taken as it was pushed, whatever the browser brings beside its name', async () => {
    const { push, start, interactions } = house({
      redirectUris: ['http://127.0.0.1/callback', 'https://app.example/cb'],
    });
    const { request_uri } = await push({ scope: 'invoices:read' });
    await start(request_uri, {
      redirect_uri: 'https://app.example/cb',
      scope: 'invoices:write',
      state: 'planted',
      code_challenge: 'A'.repeat(43),
      response_type: 'token',
      prompt: 'consent',
    });
    expect(interactions()[0]?.request).toMatchObject({
      redirectUri: 'http://127.0.0.1:51234/callback',
      scopes: ['invoices:read'],
      state: 'xyz',
    });
    expect(interactions()[0]?.request).not.toMatchObject({ codeChallenge: 'A'.repeat(43) });
    expect(interactions()[0]?.request).not.toHaveProperty('alwaysAsk');
  });

  it('counts for nothing once the client is disabled', async () => {
    const { core, client, push, start, interactions } = house();
    const { request_uri } = await push();
    core.database.disableClient(client.id, core.clock.now());
    await expect(start(request_uri)).rejects.toEqual(refusal('invalid_client', 'disabled_client'));
    expect(interactions()).toEqual([]);
  });

  it('becomes a refusal when the resource is disabled meanwhile', async () => {
    const { core, resource, push, start, interactions } = house();
    const { request_uri } = await push();
    core.database.disableResource(resource.identifier, core.clock.now());
    await start(request_uri);
    expect(interactions()[0]?.request).toMatchObject({
      refusal: { code: 'invalid_target', reason: 'disabled_resource' },
    });
  });

  it.each([
    [`${PREFIX}ghq_${'a'.repeat(43)}`, 'unknown_pushed_request'],
    [PREFIX, 'unknown_pushed_request'],
    [`${PREFIX}'; DROP TABLE pushed_requests`, 'unknown_pushed_request'],
  ])('is not found under a name that was never given: %s', async (request_uri, reason) => {
    const { push, start } = house();
    await push();
    await expect(start(request_uri)).rejects.toEqual(refusal('invalid_request_uri', reason));
  });
});

describe('pushing a request (AS-113)', () => {
  it.each([
    [{ response_type: 'token' }, 'unsupported_response_type', 'unsupported_response_type'],
    [{ code_challenge: undefined }, 'invalid_request', 'missing_code_challenge'],
    [{ code_challenge_method: 'plain' }, 'invalid_request', 'unsupported_challenge_method'],
    [{ redirect_uri: 'https://evil.example/cb' }, 'invalid_request', 'unregistered_redirect_uri'],
    [{ resource: 'https://unknown.example/mcp' }, 'invalid_target', 'unknown_resource'],
    [{ scope: 'invoices:delete' }, 'invalid_scope', 'unknown_scope'],
    [{ request: 'a.b.c' }, 'request_not_supported', 'unsupported_request_object'],
    [{ response_mode: 'fragment' }, 'invalid_request', 'unsupported_response_mode'],
    [{ request_uri: 'https://app.example/r' }, 'invalid_request', 'malformed_request'],
  ] as const)('is refused at once for %j, and nothing is kept', async (change, code, reason) => {
    const { push, pushed } = house();
    await expect(push(change)).rejects.toEqual(refusal(code, reason));
    expect(pushed()).toEqual([]);
  });

  it('cannot be done with the name of another pushed request', async () => {
    const { push, pushed } = house();
    const { request_uri } = await push();
    await expect(push({ request_uri })).rejects.toEqual(refusal('invalid_request', 'malformed_request'));
    expect(pushed()).toHaveLength(1);
  });

  it('wants the client authenticated as at the token endpoint, before anything else is said', async () => {
    const core = memoryCore();
    const client = core.client({
      authMethod: 'client_secret_post',
      secrets: [{ hash: core.secrets.hash(newSecret('ghs_')) }],
    });
    const resource = core.resource();
    for (const client_secret of [undefined, newSecret('ghs_')])
      await expect(
        core.pushing.push({ parameters: authorizationRequest(client, resource, { client_secret, scope: 'nonsense' }) }),
      ).rejects.toMatchObject({ code: 'invalid_client' });
    expect(core.database.pushedRequests.size).toBe(0);
  });

  it('is refused to a client that is not registered for codes', async () => {
    const { push } = house({ grantTypes: ['refresh_token'] });
    await expect(push()).rejects.toEqual(refusal('unauthorized_client', 'grant_type_not_registered'));
  });

  it('is the only way in where the operator wants it so, and the client is told', async () => {
    const { core, client, resource, push, start, interactions } = house({}, { requirePushedRequests: true });
    await core.authorization.start({ parameters: authorizationRequest(client, resource), browser: BROWSER });
    expect(interactions()[0]?.request).toMatchObject({
      refusal: { code: 'invalid_request', reason: 'pushed_request_required' },
    });
    core.database.interactions.clear();
    await start((await push()).request_uri);
    expect(interactions()[0]?.request).not.toHaveProperty('refusal');
  });

  it('is the only way in for a client that says so of itself, and for no other', async () => {
    const { core, client, resource, push, start, interactions } = house({ requirePushedRequests: true });
    const browse = (who: Client) =>
      core.authorization.start({ parameters: authorizationRequest(who, resource), browser: BROWSER });
    await browse(client);
    expect(interactions()[0]?.request).toMatchObject({
      refusal: { code: 'invalid_request', reason: 'pushed_request_required' },
    });
    core.database.interactions.clear();
    await start((await push()).request_uri);
    expect(interactions()[0]?.request).not.toHaveProperty('refusal');
    core.database.interactions.clear();
    await browse(core.client());
    expect(interactions()[0]?.request).not.toHaveProperty('refusal');
  });
});

describe('a pushed request of unusual kind', () => {
  it('is refused when it is longer than a URL may be, before anything is stored (AS-113)', async () => {
    const { push, pushed } = house();
    for (const change of [{ state: 'x'.repeat(9000) }, { state: 'ä'.repeat(3000) }, { unknown: 'x'.repeat(9000) }])
      await expect(push(change)).rejects.toMatchObject({ reason: 'oversized_request', status: 413 });
    expect(pushed()).toEqual([]);
    await expect(push({ state: 'x'.repeat(2000) })).resolves.toBeDefined();
  });

  it('of a client with a document has that fetched anew when it names a redirect URI that came since (AS-88)', async () => {
    const core = memoryCore();
    const resource = core.resource();
    const id = core.documents.publish('https://app.example.com/client.json', {}, { cacheControl: 'max-age=86400' });
    const client = await core.directory.current(id);
    core.documents.publish(id, { redirect_uris: ['https://app.example.com/new'] });
    core.clock.advance(60);
    const redirect_uri = 'https://app.example.com/new';
    const parameters = authorizationRequest(client, resource, { redirect_uri });
    await expect(core.pushing.push({ parameters })).resolves.toBeDefined();
  });
});
