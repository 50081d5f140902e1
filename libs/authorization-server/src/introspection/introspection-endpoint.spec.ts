import { OPEN_TO_ALL } from '../clients/client-trust.js';
import { after, basic, newSecret, type ResourceServerId, tokenHash } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { Secrets } from '../clients/secrets.js';
import { form, grantedTokens, ISSUER, memoryCore, TestVault } from '../testing/memory-core.js';
import { IntrospectionEndpoint } from './introspection-endpoint.js';

async function house() {
  const core = memoryCore();
  const granted = await grantedTokens(core);
  const secret = newSecret('ghx_');
  const serverId = granted.resource.serverId;
  await core.resources.publishServer({ id: serverId, secrets: [{ hash: core.secrets.hash(secret) }] });
  const answer = (token: string, accept?: string, authorization = basic(serverId, secret)) =>
    core.introspection.introspect({
      parameters: form({ token }),
      authorization,
      ...(accept === undefined ? {} : { accept }),
    });
  const introspect = async (token: string, authorization?: string) =>
    (await answer(token, undefined, authorization)).body;
  return { core, ...granted, secret, serverId, answer, introspect };
}
const INACTIVE = { active: false };

describe('introspection', () => {
  it('tells a resource server about a living token meant for it', async () => {
    const { core, client, resource, person, tokens, introspect } = await house();
    const iat = Math.floor(core.clock.now().getTime() / 1000);
    expect(await introspect(tokens.access_token)).toEqual({
      active: true,
      iss: ISSUER,
      sub: person.accountId,
      aud: resource.identifier,
      client_id: client.id,
      scope: 'invoices:read invoices:write',
      iat,
      exp: iat + 300,
      jti: expect.any(String),
      token_type: 'Bearer',
      acr: 'urn:gatehouse:acr:1fa',
      auth_time: iat,
    });
  });

  it('lets the caller authenticate in the body too', async () => {
    const { core, serverId, secret, tokens } = await house();
    const parameters = form({ token: tokens.access_token, client_id: serverId, client_secret: secret });
    expect((await core.introspection.introspect({ parameters })).body).toMatchObject({ active: true });
  });

  it('stores the secret of its caller under the newest key, once, so that an older one may go', async () => {
    const { core, serverId, secret, introspect, tokens } = await house();
    const before = new TestVault();
    before.masters = ['older'];
    const older = new Secrets(before).hash(secret);
    await core.resources.publishServer({ id: serverId, secrets: [{ hash: older }] });
    const now = new TestVault();
    now.masters = ['newest', 'older'];
    const { clock, resources, authorizations, accessTokens, signer } = core;
    const introspection = new IntrospectionEndpoint({
      issuer: ISSUER,
      trust: OPEN_TO_ALL,
      clock,
      resources,
      authorizations,
      accessTokens,
      signer,
      secrets: new Secrets(now),
    });
    const parameters = form({ token: tokens.access_token });
    await introspection.introspect({ parameters, authorization: basic(serverId, secret) });
    // The house itself knows the newest key only.
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true });
  });

  it('says no more than inactive of a token meant for another resource server', async () => {
    const { core, tokens, introspect } = await house();
    const other = `rs-${tokenHash('other')}` as ResourceServerId;
    await core.resources.publishServer({ id: other, secrets: [{ hash: core.secrets.hash('s') }] });
    core.resource({ serverId: other });
    expect(await introspect(tokens.access_token, basic(other, 's'))).toEqual(INACTIVE);
  });

  it('says no more than inactive of refresh tokens, unknown and expired ones', async () => {
    const { core, tokens, introspect } = await house();
    for (const token of [tokens.refresh_token!, 'x', 'a.b.c', `${tokens.access_token}x`])
      expect(await introspect(token)).toEqual(INACTIVE);
    core.clock.advance(300);
    expect(await introspect(tokens.access_token)).toEqual(INACTIVE);
  });

  it('says inactive as soon as the authorization is revoked', async () => {
    const { core, client, tokens, refreshToken, introspect } = await house();
    await core.revocation.revoke({ parameters: form({ client_id: client.id, token: refreshToken }) });
    expect(await introspect(tokens.access_token)).toEqual(INACTIVE);
  });

  it.each(['client', 'account', 'resource'] as const)('says inactive once the %s is disabled', async (party) => {
    const { core, client, person, resource, tokens, introspect } = await house();
    if (party === 'client') core.database.disableClient(client.id, core.clock.now());
    if (party === 'account') core.database.disableAccount(person.accountId);
    if (party === 'resource') core.database.disableResource(resource.identifier, core.clock.now());
    expect(await introspect(tokens.access_token)).toEqual(INACTIVE);
  });

  it('says inactive of a client that is no longer wanted here, without asking the store for more', async () => {
    const policy = { ...OPEN_TO_ALL, denied: { domains: ['127.0.0.1'], clients: [] } };
    const core = memoryCore({ trust: policy });
    const { core: open, tokens, resource, serverId, secret } = await house();
    for (const [id, row] of open.database.authorizations) core.database.authorizations.set(id, row);
    for (const [id, row] of open.database.clients) core.database.clients.set(id, row);
    for (const [id, row] of open.database.accounts) core.database.accounts.set(id, row);
    for (const [id, row] of open.database.entitlements) core.database.entitlements.set(id, row);
    core.database.resources.set(resource.identifier, resource);
    await core.resources.publishServer({ id: serverId, secrets: [{ hash: core.secrets.hash(secret) }] });
    const before = core.database.verbs;
    const parameters = form({ token: tokens.access_token });
    const { body } = await core.introspection.introspect({ parameters, authorization: basic(serverId, secret) });
    expect(body).toEqual(INACTIVE);
    expect(core.database.verbs - before).toBe(2);
  });

  it('costs two store calls, the caller and the authorization', async () => {
    const { core, tokens, introspect } = await house();
    const before = core.database.verbs;
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true });
    expect(core.database.verbs - before).toBe(2);
  });

  it('reports no scope that was taken from the person since', async () => {
    const { core, person, resource, tokens, introspect } = await house();
    await core.entitlements.grant(person.accountId, resource.identifier, ['invoices:read']);
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true, scope: 'invoices:read' });
    await core.entitlements.grant(person.accountId, resource.identifier, []);
    expect(await introspect(tokens.access_token)).toEqual(INACTIVE);
  });

  it('answers nobody who is not a resource server with its secret', async () => {
    const { core, client, serverId, tokens, introspect } = await house();
    const refused = (reason: string) => expect.objectContaining({ code: 'invalid_client', status: 401, reason });
    const unknown = refused('unknown_resource_server');
    await expect(introspect(tokens.access_token, basic(serverId, 'wrong'))).rejects.toEqual(
      refused('wrong_resource_server_secret'),
    );
    await expect(introspect(tokens.access_token, basic('nobody', 'x'))).rejects.toEqual(unknown);
    await expect(introspect(tokens.access_token, basic(client.id, 'x'))).rejects.toEqual(unknown);
    const parameters = form({ token: tokens.access_token, client_id: serverId });
    await expect(core.introspection.introspect({ parameters })).rejects.toEqual(unknown);
  });

  it('answers no disabled resource server, nor one with an expired secret', async () => {
    const { core, serverId, secret, tokens, introspect } = await house();
    const secrets = [{ hash: core.secrets.hash(secret), expiresAt: after(core.clock.now(), 0) }];
    await core.resources.publishServer({ id: serverId, secrets });
    await expect(introspect(tokens.access_token)).rejects.toMatchObject({ reason: 'wrong_resource_server_secret' });
    await core.resources.publishServer({
      id: serverId,
      secrets: [{ hash: core.secrets.hash(secret) }],
      disabledAt: core.clock.now(),
    });
    await expect(introspect(tokens.access_token)).rejects.toMatchObject({ reason: 'unknown_resource_server' });
  });
});
