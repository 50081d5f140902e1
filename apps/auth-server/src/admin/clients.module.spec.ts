import { aClient, SigningClient } from '@gatehouse/authorization-server/testing';
import { basic, type ClientId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Administrators } from '../testing/administrators.js';
import { Browser } from '../testing/browser.js';
import { approve, codeFor, TrialClient } from '../testing/client.js';
import { INVOICES, type TrialServer, startTrialServer } from '../testing/trial-server.js';

type Json = Readonly<Record<string, unknown>>;

const REPORT = {
  client_id: 'nightly-report',
  client_name: 'Nightly report',
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'client_secret_basic',
  scopes: ['invoices:read'],
};

describe('administration of clients', () => {
  let server: TrialServer;
  let admin: Administrators;
  let token: string;
  let actor: string;
  beforeAll(async () => {
    server = await startTrialServer();
    admin = new Administrators(server);
    const robot = await admin.robot();
    token = robot.token;
    actor = robot.client.id;
  });
  afterAll(() => server.close());

  const call = (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ) => admin.call(method, path, token, body, headers);
  const eventsOf = (id: string) =>
    server.database.audit
      .filter(({ clientId, actorId }) => clientId === id && actorId !== undefined)
      .map(({ type, actorId, detail }) => [type, actorId, detail?.['through']]);
  const tokenOf = (id: string, secret: string) =>
    server.app.inject({
      method: 'POST',
      url: '/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(id, secret) },
      payload: new URLSearchParams({ grant_type: 'client_credentials', resource: INVOICES }).toString(),
    });
  const fresh = (more: object = {}) => ({
    ...REPORT,
    client_id: `report-${String(server.database.clients.size)}`,
    ...more,
  });
  async function created(more: object = {}) {
    const answer = await call('POST', '/clients', fresh(more));
    expect(answer.statusCode).toBe(201);
    return { ...answer.json<Json & { client_id: string; client_secret: string }>(), etag: String(answer.headers.etag) };
  }

  it('creates a client, shows its secret once, and records who did it', async () => {
    const answer = await call('POST', '/clients', REPORT);
    expect(answer.statusCode).toBe(201);
    const { client_secret: secret, ...client } = answer.json<Json & { client_secret: string }>();
    expect(client).toMatchObject({ ...REPORT, origin: 'pre-registered', disabled_at: null });
    expect((await tokenOf('nightly-report', secret)).statusCode).toBe(200);
    const shown = await call('GET', '/clients/nightly-report');
    expect([shown.statusCode, shown.headers.etag]).toEqual([200, answer.headers.etag]);
    expect(shown.json()).toEqual(client);
    expect(shown.body).not.toContain(secret);
    expect(JSON.stringify(server.log)).not.toContain(secret);
    expect(eventsOf('nightly-report')).toEqual([['client.registered', actor, actor]]);
    for (const kept of [answer, shown]) expect(kept.headers['cache-control']).toBe('no-store');
  });

  it('names the person who did it, and the client through which', async () => {
    const person = await admin.person('anna', 'clients:write');
    const anna = await server.accounts.findByUsername('anna');
    const answer = await admin.call('POST', '/clients', person.access_token, fresh());
    const { client_id: id } = answer.json<{ client_id: string }>();
    expect(eventsOf(id)).toEqual([['client.registered', anna?.id, person.client.id]]);
  });

  it('refuses an id that is taken, by a client of whatever origin', async () => {
    const client = await created();
    const again = await call('POST', '/clients', { ...REPORT, client_id: client.client_id });
    expect([again.statusCode, again.json<Json>()['type']]).toEqual([409, 'urn:gatehouse:problem:conflict']);
    const dynamic = aClient({ id: 'by-itself' as ClientId });
    server.database.clients.set(dynamic.id, dynamic);
    expect((await call('POST', '/clients', { ...REPORT, client_id: dynamic.id })).statusCode).toBe(409);
    expect(server.database.clients.get(dynamic.id)).toEqual(dynamic);
  });

  it('says everything that is wrong with a declaration, in its own words', async () => {
    const answer = await call('POST', '/clients', {
      ...fresh(),
      client_id: 'https://evil.example/',
      grant_types: ['implicit'],
      token_endpoint_auth_method: 'none',
      client_secret: 'mine',
      '<script>': 1,
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = answer.json<Json & { problems: { member: string }[] }>();
    expect(problem).toMatchObject({ type: 'urn:gatehouse:problem:invalid_client_metadata', status: 400 });
    expect(problem.problems.map(({ member }) => member)).toEqual(['client_id', 'grant_types.0', '']);
    expect(answer.body).not.toMatch(/evil|script|mine/);
    const redirect = {
      grant_types: ['authorization_code'],
      redirect_uris: ['http://shop.example/cb'],
      scopes: undefined,
    };
    const refused = await call('POST', '/clients', fresh(redirect));
    expect(refused.json()).toMatchObject({ type: 'urn:gatehouse:problem:invalid_redirect_uri', status: 400 });
    for (const body of ['[]', '"x"', 'null', '7'])
      expect(
        (
          await server.app.inject({
            method: 'POST',
            url: '/admin/clients',
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
            payload: body,
          })
        ).statusCode,
      ).toBe(400);
  });

  it('tells which scopes no resource has, and takes them all the same', async () => {
    const client = await created({ scopes: ['invoices:read', 'invoices:raed'] });
    expect(client).toMatchObject({ unknown_scopes: ['invoices:raed'], scopes: ['invoices:read', 'invoices:raed'] });
  });

  it('replaces a declaration whole, in the version the caller has seen', async () => {
    const { client_id: id, etag, client_secret: secret } = await created();
    const next = { ...REPORT, client_id: id, client_name: 'Weekly report' };
    const answer = await call('PUT', `/clients/${id}`, next, { 'if-match': etag });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ client_name: 'Weekly report' });
    expect(answer.json()).not.toHaveProperty('client_secret');
    expect(answer.headers.etag).not.toBe(etag);
    expect((await tokenOf(id, secret)).statusCode).toBe(200);
    const stale = await call('PUT', `/clients/${id}`, { ...next, client_name: 'Lost' }, { 'if-match': etag });
    expect([stale.statusCode, stale.json<Json>()['type']]).toEqual([412, 'urn:gatehouse:problem:precondition_failed']);
    const several = `"other", ${String(answer.headers.etag)}`;
    expect((await call('PUT', `/clients/${id}`, next, { 'if-match': several })).statusCode).toBe(200);
    expect((await call('PUT', `/clients/${id}`, next, { 'if-match': '*' })).statusCode).toBe(200);
    const blind = await call('PUT', `/clients/${id}`, next);
    expect([blind.statusCode, blind.json<Json>()['type']]).toEqual([
      428,
      'urn:gatehouse:problem:precondition_required',
    ]);
    expect(eventsOf(id).map(([type]) => type)).toEqual(['client.registered', 'client.changed']);
  });

  it('lets one of several parallel replacements of a version win', async () => {
    const { client_id: id, etag } = await created();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        call(
          'PUT',
          `/clients/${id}`,
          { ...REPORT, client_id: id, client_name: `Report ${String(index)}` },
          { 'if-match': etag },
        ),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array<number>(7).fill(412)]);
  });

  it('replaces nothing under another id, and nothing that is not there or not declared by an operator', async () => {
    const { client_id: id } = await created();
    const any = { 'if-match': '*' };
    const swapped = await call('PUT', `/clients/${id}`, { ...REPORT, client_id: 'nightly-report' }, any);
    expect([swapped.statusCode, swapped.json()]).toEqual([
      400,
      expect.objectContaining({ problems: [{ member: 'client_id', problem: 'must be the one in the address' }] }),
    ]);
    expect((await call('PUT', '/clients/nobody-here', { ...REPORT, client_id: 'nobody-here' }, any)).statusCode).toBe(
      404,
    );
    const dynamic = aClient({ id: 'of-its-own' as ClientId });
    server.database.clients.set(dynamic.id, dynamic);
    expect((await call('PUT', '/clients/of-its-own', { ...REPORT, client_id: dynamic.id }, any)).statusCode).toBe(409);
    expect((await call('POST', '/clients/of-its-own/secrets', {})).statusCode).toBe(409);
    expect(server.database.clients.get(dynamic.id)).toEqual(dynamic);
  });

  it('gives a new secret beside the old one, never a third, and ends the old one when told so', async () => {
    const { client_id: id, client_secret: first } = await created();
    const until = new Date(server.clock.now().getTime() + 3_600_000).toISOString();
    const answer = await call('POST', `/clients/${id}/secrets`, { previous_expires_at: until });
    expect(answer.statusCode).toBe(201);
    const { client_secret: second, secrets } = answer.json<{ client_secret: string; secrets: Json[] }>();
    expect(secrets).toEqual([{ expires_at: null }, { expires_at: until }]);
    for (const secret of [first, second]) expect((await tokenOf(id, secret)).statusCode).toBe(200);

    const { client_secret: third } = (await call('POST', `/clients/${id}/secrets`, {})).json<{
      client_secret: string;
    }>();
    expect((await call('GET', `/clients/${id}`)).json<{ secrets: Json[] }>().secrets).toHaveLength(2);
    expect((await tokenOf(id, first)).statusCode).toBe(401);
    for (const secret of [second, third]) expect((await tokenOf(id, secret)).statusCode).toBe(200);

    expect((await call('DELETE', `/clients/${id}/secrets/previous`)).statusCode).toBe(204);
    expect((await tokenOf(id, second)).statusCode).toBe(401);
    expect((await tokenOf(id, third)).statusCode).toBe(200);
    expect((await call('DELETE', `/clients/${id}/secrets/previous`)).statusCode).toBe(404);

    const now = { previous_expires_at: server.clock.now().toISOString() };
    const { client_secret: fourth } = (await call('POST', `/clients/${id}/secrets`, now)).json<{
      client_secret: string;
    }>();
    expect((await tokenOf(id, third)).statusCode).toBe(401);
    expect((await tokenOf(id, fourth)).statusCode).toBe(200);
    const late = new Date(server.clock.now().getTime() + 91 * 86_400_000).toISOString();
    expect((await call('POST', `/clients/${id}/secrets`, { previous_expires_at: late })).statusCode).toBe(400);
    expect((await call('POST', `/clients/${id}/secrets`, { previous: 'x' })).statusCode).toBe(400);
  });

  it('gives no secret to a client that has none', async () => {
    const { publicJwk } = await SigningClient.create();
    const { client_id: id } = await created({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [publicJwk] },
    });
    expect((await call('POST', `/clients/${id}/secrets`, {})).statusCode).toBe(409);
  });

  it('stops a client of whatever origin at once, and lets it go on', async () => {
    const client = await TrialClient.register(server.app);
    const redeemed = await client.redeem(await codeFor(new Browser(server.app), client));
    const { refresh_token: refresh } = redeemed.json<{ refresh_token: string }>();
    const stopped = await call('POST', `/clients/${client.id}/disable`);
    expect([stopped.statusCode, stopped.json<Json>()['disabled_at']]).toEqual([200, expect.any(String)]);
    expect((await client.refresh(refresh)).json()).toMatchObject({ error: 'invalid_client' });
    expect((await call('POST', `/clients/${client.id}/disable`)).statusCode).toBe(200);
    expect((await call('POST', `/clients/${client.id}/enable`)).json()).toMatchObject({ disabled_at: null });
    expect((await client.refresh(refresh)).statusCode).toBe(200);
    expect(eventsOf(client.id).map(([type]) => type)).toEqual(['client.disabled', 'client.enabled']);
    const own = await created();
    expect((await call('POST', `/clients/${own.client_id}/disable`)).statusCode).toBe(200);
    expect((await tokenOf(own.client_id, own.client_secret)).statusCode).toBe(401);
    expect((await call('POST', '/clients/nobody-here/disable')).statusCode).toBe(404);
  });

  it('ends all that people allowed a client, and lets it ask again', async () => {
    const client = await TrialClient.register(server.app, { client_name: 'To be ended' });
    const browsers = [new Browser(server.app), new Browser(server.app)];
    const tokens = await Promise.all(
      browsers.map(async (browser) =>
        (await client.redeem(await codeFor(browser, client))).json<{ refresh_token: string }>(),
      ),
    );
    const pending = await codeFor(browsers[0]!, client);
    const answer = await call('POST', `/clients/${client.id}/revoke`);
    expect([answer.statusCode, answer.json()]).toEqual([200, { authorizations: 2 }]);
    for (const { refresh_token } of tokens)
      expect((await client.refresh(refresh_token)).json()).toMatchObject({ error: 'invalid_grant' });
    expect((await client.redeem(pending)).json()).toMatchObject({ error: 'invalid_grant' });
    expect((await client.redeem(await codeFor(browsers[0]!, client))).statusCode).toBe(200);
    expect(eventsOf(client.id)).toEqual([['client.revoked', actor, actor]]);
    expect((await call('POST', '/clients/nobody-here/revoke')).statusCode).toBe(404);
  });

  it('deletes a client with all that hangs on it', async () => {
    const client = await TrialClient.register(server.app, { client_name: 'To be deleted' });
    const redeemed = await client.redeem(await codeFor(new Browser(server.app), client));
    expect((await call('DELETE', `/clients/${client.id}`)).statusCode).toBe(204);
    expect((await call('GET', `/clients/${client.id}`)).statusCode).toBe(404);
    expect((await call('DELETE', `/clients/${client.id}`)).statusCode).toBe(404);
    const refreshed = await client.refresh(redeemed.json<{ refresh_token: string }>().refresh_token);
    expect(refreshed.json()).toMatchObject({ error: 'invalid_client' });
    await expect(approve(new Browser(server.app), client)).rejects.toThrow();
    expect(eventsOf(client.id)).toEqual([['client.removed', actor, actor]]);
  });

  it('finds a client whose id is a URL, and no other by tricks with it', async () => {
    const id = `https://app.example/oauth/client.json?v=1&x=%2e${'a'.repeat(200)}`;
    const client = aClient({ id: id as ClientId, origin: 'metadata-document' });
    server.database.clients.set(client.id, client);
    const path = `/clients/${encodeURIComponent(id)}`;
    expect((await call('GET', path)).json()).toMatchObject({ client_id: id, origin: 'metadata-document' });
    expect((await call('POST', `${path}/disable`)).json()).toMatchObject({ client_id: id });
    expect(server.database.clients.get(client.id)?.disabledAt).toBeDefined();
    for (const trick of [
      `/clients/${id}`,
      `/clients/${encodeURIComponent(id.toUpperCase())}`,
      `/clients/${encodeURIComponent(`${id}/`)}`,
      '/clients/..%2f..%2fregister',
      '/clients/%00',
      '/clients/nightly-report%20',
      '/clients/%F0%9F%98%80',
      `/clients/${'a'.repeat(3000)}`,
    ]) {
      const { statusCode } = await call('GET', trick);
      expect([trick, statusCode]).toEqual([trick, 404]);
    }
    expect((await call('GET', '/clients/%ff')).statusCode).toBe(400);
    expect((await call('GET', '/clients/nightly-report/')).statusCode).toBe(404);
  });

  it('goes through all clients page by page, and narrows them', async () => {
    const all: string[] = [];
    let cursor: string | undefined;
    do {
      const answer = await call('GET', `/clients?limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`);
      const page = answer.json<{ clients: { client_id: string }[]; next_cursor?: string }>();
      expect(page.clients.length).toBeLessThanOrEqual(2);
      all.push(...page.clients.map(({ client_id }) => client_id));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(all).toEqual([...server.database.clients.keys()].sort());
    const ids = async (query: string) =>
      (await call('GET', `/clients?${query}`))
        .json<{ clients: { client_id: string }[] }>()
        .clients.map((c) => c.client_id);
    expect(await ids('origin=metadata-document')).toHaveLength(1);
    expect(await ids('name_prefix=NIGHTLY&disabled=false&limit=200')).toContain('nightly-report');
    expect(await ids('name_prefix=ightly')).toEqual([]);
    for (const query of [
      'limit=0',
      'limit=201',
      'limit=x',
      'origin=mine',
      'disabled=yes',
      'cursor=!',
      'nmae=x',
      'limit=1&limit=2',
    ])
      expect([query, (await call('GET', `/clients?${query}`)).statusCode]).toEqual([query, 400]);
  });

  it('makes, shows and ends registration tokens', async () => {
    const answer = await call('POST', '/registration-tokens', { label: 'Team A', uses: 2, expires_in: 3600 });
    expect(answer.statusCode).toBe(201);
    const { token: secret, ...shown } = answer.json<Json & { id: string; token: string }>();
    expect(shown).toMatchObject({ label: 'Team A', uses_left: 2, state: 'usable' });
    const registered = await server.app.inject({
      method: 'POST',
      url: '/register',
      headers: { authorization: `Bearer ${secret}` },
      payload: {
        client_name: 'Vouched for',
        redirect_uris: ['http://127.0.0.1/cb'],
        token_endpoint_auth_method: 'none',
      },
    });
    expect(registered.statusCode).toBe(201);
    const list = (await call('GET', '/registration-tokens')).json<{ registration_tokens: Json[] }>();
    expect(list.registration_tokens).toEqual([{ ...shown, uses_left: 1 }]);
    expect((await call('DELETE', `/registration-tokens/${shown.id}`)).statusCode).toBe(204);
    for (const id of [shown.id, 'x', encodeURIComponent(secret)])
      expect((await call('DELETE', `/registration-tokens/${id}`)).statusCode).toBe(404);
    expect((await call('POST', '/registration-tokens', { label: '', uses: 0 })).statusCode).toBe(400);
    const events = server.database.audit.filter(({ type }) => type.startsWith('initial_access_token.'));
    expect(events.map(({ type, actorId }) => [type, actorId])).toEqual([
      ['initial_access_token.created', actor],
      ['initial_access_token.revoked', actor],
    ]);
  });

  it('hands nobody the keys to itself: clients that administer are made and changed by command only', async () => {
    const mine = await call('POST', '/clients', fresh({ scopes: ['invoices:read', 'clients:read'] }));
    expect([mine.statusCode, mine.json<Json>()['type']]).toEqual([403, 'urn:gatehouse:problem:access_denied']);
    const plain = await created();
    const raised = { ...REPORT, client_id: plain.client_id, scopes: ['clients:write'] };
    expect((await call('PUT', `/clients/${plain.client_id}`, raised, { 'if-match': '*' })).statusCode).toBe(403);

    const { client: other, token: theirs } = await admin.robot();
    const lowered = { ...REPORT, client_id: other.id };
    expect((await call('PUT', `/clients/${other.id}`, lowered, { 'if-match': '*' })).statusCode).toBe(403);
    expect((await call('POST', `/clients/${other.id}/secrets`, {})).statusCode).toBe(403);
    expect((await call('DELETE', `/clients/${other.id}/secrets/previous`)).statusCode).toBe(403);
    expect(server.database.clients.get(other.id)).toEqual(other);
    // To stop one is always good; to bring it back is not for its peers.
    expect((await call('POST', `/clients/${other.id}/disable`)).statusCode).toBe(200);
    expect((await admin.call('GET', '/clients', theirs)).statusCode).toBe(401);
    expect((await call('POST', `/clients/${other.id}/enable`)).statusCode).toBe(403);
  });

  it('declares what a client demands of its own requests and signatures, if it makes sense', async () => {
    const { publicJwk } = await SigningClient.create();
    const demands = { require_pushed_authorization_requests: true, token_endpoint_auth_signing_alg: 'ES256' };
    const signing = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk] } };
    const web = { grant_types: ['authorization_code'], redirect_uris: ['http://127.0.0.1/cb'], scopes: undefined };
    expect(await created({ ...web, ...signing, ...demands })).toMatchObject(demands);
    for (const nonsense of [
      { ...signing, require_pushed_authorization_requests: true },
      { ...signing, token_endpoint_auth_signing_alg: 'ES384' },
      { ...web, token_endpoint_auth_signing_alg: 'ES256' },
    ])
      expect((await call('POST', '/clients', fresh(nonsense))).statusCode).toBe(400);
  });
});
