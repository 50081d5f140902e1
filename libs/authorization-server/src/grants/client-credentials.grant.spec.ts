import { type ClientId, newSecret, type ResourceIdentifier } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import type { Client } from '../clients/client.js';
import { form, ISSUER, memoryCore } from '../testing/memory-core.js';
import { SigningClient } from '../testing/signing-client.js';

function house(overrides: Partial<Client> = {}) {
  const core = memoryCore();
  const secret = newSecret('ghs_');
  const client = core.client({
    id: 'nightly-report' as ClientId,
    origin: 'pre-registered',
    redirectUris: [],
    grantTypes: ['client_credentials'],
    authMethod: 'client_secret_post',
    secrets: [{ hash: core.secrets.hash(secret) }],
    scopes: ['invoices:read', 'invoices:write'],
    ...overrides,
  });
  const resource = core.resource();
  const ask = (change: Record<string, string | undefined> = {}) =>
    core.token.handle({
      parameters: form({
        grant_type: 'client_credentials',
        client_id: client.id,
        client_secret: secret,
        resource: resource.identifier,
        ...change,
      }),
    });
  return { core, client, resource, secret, ask };
}
const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });

describe('a client that acts for itself', () => {
  it('gets a token for the resource, whose subject it is, and no refresh token (AS-68, AS-122, AS-123)', async () => {
    const { core, client, resource, ask } = house();
    const tokens = await ask({ scope: 'invoices:read' });
    expect(tokens).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'invoices:read',
    });
    const claims = await core.accessTokens.read(tokens.access_token);
    expect(claims).toMatchObject({ iss: ISSUER, sub: client.id, client_id: client.id, aud: resource.identifier });
    expect(claims).not.toHaveProperty('auth_time');
  });

  it('may sign instead of sending a secret, with or without its id beside the assertion (AS-120, AS-122)', async () => {
    const signer = await SigningClient.create();
    const { core, client, ask } = house({
      authMethod: 'private_key_jwt',
      secrets: [],
      keys: { jwks: [signer.publicJwk] },
    });
    const of = { id: client.id, issuer: ISSUER, now: core.clock.now() };
    for (const client_id of [client.id, undefined])
      await expect(
        ask({ ...(await signer.parameters(of)), client_id, client_secret: undefined }),
      ).resolves.toBeDefined();
  });

  it('gets all it is registered for at the resource when it asks for nothing in particular', async () => {
    const { ask } = house({ scopes: ['invoices:read', 'invoices:write', 'elsewhere:read'] });
    expect((await ask()).scope).toBe('invoices:read invoices:write');
  });

  it('gets less than it asked for where it is not registered for all of it', async () => {
    const { ask } = house();
    expect((await ask({ scope: 'invoices:read invoices:refund' })).scope).toBe('invoices:read');
  });

  it('may leave out the resource where there is only one', async () => {
    const { core, resource, ask } = house();
    const tokens = await ask({ resource: undefined });
    expect((await core.accessTokens.read(tokens.access_token))?.aud).toBe(resource.identifier);
    core.resource();
    await expect(ask({ resource: undefined })).rejects.toEqual(refusal('invalid_target', 'missing_resource'));
  });

  it('leaves an authorization without an account, which ends with the token, and an audit event', async () => {
    const { core, client, resource, ask } = house();
    const tokens = await ask();
    const id = (await core.accessTokens.read(tokens.access_token))!.grant_id;
    const found = await core.authorizations.find(id);
    expect(found?.authorization).not.toHaveProperty('accountId');
    expect(found?.authorization.expiresAt.getTime()).toBe(core.clock.now().getTime() + 300_000);
    expect(found?.standing).toEqual({
      client: 'active',
      account: 'absent',
      resource: 'active',
      entitledScopes: client.scopes,
    });
    expect(core.database.audit.at(-1)).toEqual({
      type: 'client.authorized',
      at: core.clock.now(),
      clientId: client.id,
      authorizationId: id,
      resource: resource.identifier,
      scopes: ['invoices:read', 'invoices:write'],
    });
  });

  it('costs three store calls', async () => {
    const { core, ask } = house();
    await ask();
    const before = core.database.verbs;
    await ask();
    expect(core.database.verbs - before).toBe(3);
  });

  it('is told active by introspection until it is disabled, narrowed or gives the token back', async () => {
    const { core, client, resource, secret, ask } = house();
    await core.resources.publishServer({ id: resource.serverId, secrets: [{ hash: core.secrets.hash('rs') }] });
    const introspect = async (token: string) => {
      const parameters = form({ token, client_id: resource.serverId, client_secret: 'rs' });
      return (await core.introspection.introspect({ parameters })).body;
    };
    const { access_token: token } = await ask();
    expect(await introspect(token)).toMatchObject({
      active: true,
      sub: client.id,
      scope: 'invoices:read invoices:write',
    });
    core.database.clients.set(client.id, { ...client, scopes: ['invoices:read'] });
    expect(await introspect(token)).toMatchObject({ active: true, scope: 'invoices:read' });
    core.database.disableClient(client.id, core.clock.now());
    expect(await introspect(token)).toEqual({ active: false });
    core.database.clients.set(client.id, client);
    await core.revocation.revoke({ parameters: form({ token, client_id: client.id, client_secret: secret }) });
    expect(await introspect(token)).toEqual({ active: false });
  });
});

describe('nobody else', () => {
  it('may: not a public client, whose id anybody knows (AS-68)', async () => {
    const { ask } = house({ authMethod: 'none', secrets: [] });
    await expect(ask({ client_secret: undefined })).rejects.toEqual(
      refusal('unauthorized_client', 'wrong_client_auth_method'),
    );
  });

  it('may: not a client that registered itself, even with the grant in its row (AS-120)', async () => {
    const { ask } = house({ origin: 'dynamic' });
    await expect(ask()).rejects.toEqual(refusal('unauthorized_client', 'client_not_pre_registered'));
  });

  it('may: not a client that is registered for other grants only, nor an unknown or disabled one (AS-120)', async () => {
    const { core, ask, client } = house({ grantTypes: ['authorization_code'] });
    await expect(ask()).rejects.toEqual(refusal('unauthorized_client', 'grant_type_not_registered'));
    await expect(ask({ client_id: 'c_unknown' })).rejects.toEqual(refusal('invalid_client', 'unknown_client'));
    core.database.disableClient(client.id, core.clock.now());
    await expect(ask()).rejects.toEqual(refusal('invalid_client', 'disabled_client'));
  });

  it('gets scopes that were not registered for it, or that the resource does not have', async () => {
    const { core, ask } = house();
    await expect(ask({ scope: 'invoices:refund' })).rejects.toEqual(refusal('invalid_scope', 'scope_not_granted'));
    await expect(ask({ scope: 'made:up' })).rejects.toEqual(refusal('invalid_scope', 'unknown_scope'));
    const elsewhere = core.resource({
      scopes: [{ name: 'other:read', description: 'x' }],
      defaultScopes: ['other:read'],
    });
    await expect(ask({ resource: elsewhere.identifier })).rejects.toMatchObject({ code: 'invalid_scope' });
  });

  it('gets anything without scopes in its registration', async () => {
    const { ask } = house({ scopes: undefined });
    await expect(ask({ scope: 'invoices:read' })).rejects.toEqual(refusal('invalid_scope', 'scope_not_granted'));
    await expect(ask()).rejects.toMatchObject({ code: 'invalid_scope' });
  });

  it('gets a token for an unknown or disabled resource, nor for two', async () => {
    const { core, resource, ask } = house();
    await expect(ask({ resource: 'https://other.example/mcp' })).rejects.toEqual(
      refusal('invalid_target', 'unknown_resource'),
    );
    core.database.disableResource(resource.identifier, core.clock.now());
    await expect(ask()).rejects.toEqual(refusal('invalid_target', 'disabled_resource'));
  });

  it('gets a token when the client is disabled between its authentication and the write', async () => {
    const { core, client, ask } = house();
    const begin = core.authorizations.begin.bind(core.authorizations);
    core.authorizations.begin = (authorization, audit) => {
      core.database.disableClient(client.id, core.clock.now());
      return begin(authorization, audit);
    };
    await expect(ask()).rejects.toEqual(refusal('invalid_grant', 'authorization_revoked'));
    expect(core.database.authorizations.size).toBe(0);
    expect(core.auditTypes()).toEqual([]);
  });

  it('leaves anything behind when no key may sign', async () => {
    const { core, ask } = house();
    core.signer.available = false;
    await expect(ask()).rejects.toEqual(refusal('temporarily_unavailable', 'keys_unavailable'));
    expect(core.database.authorizations.size).toBe(0);
  });

  it('can make its token pass for that of a person: no account has its name as id', async () => {
    const { core, resource, ask } = house();
    const person = core.person({ ...resource, identifier: 'https://x.example' as ResourceIdentifier });
    const claims = await core.accessTokens.read((await ask()).access_token);
    expect(claims?.sub).not.toBe(person.accountId);
    expect(claims?.sub).not.toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-/);
  });
});
