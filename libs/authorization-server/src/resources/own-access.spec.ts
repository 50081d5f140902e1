import type { OAuthError } from '@gatehouse/protocol';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '../clients/client.js';
import {
  approvedCode,
  authorizationRequest,
  form,
  ISSUER,
  type MemoryCore,
  memoryCore,
  VERIFIER,
} from '../testing/memory-core.js';
import type { OwnAccessRequest } from './own-access.js';
import { adminResource, userinfoResource } from './own-resources.js';

const ADMIN = adminResource(ISSUER);
const SCOPES = ['clients:read', 'clients:write'];

describe('OwnAccess', () => {
  let core: MemoryCore;
  beforeEach(async () => {
    core = memoryCore();
    await core.ownResources.publish();
  });

  /** A token for the administration, as a person gets it through a client that an operator registered. */
  async function granted(scopes = SCOPES, resource = ADMIN) {
    const client = core.client({ origin: 'pre-registered', scopes: SCOPES });
    const person = core.person(resource, scopes);
    const code = await approvedCode(core, client, resource, person, { scope: scopes.join(' ') }, scopes);
    const { access_token: token } = await core.token.handle({
      parameters: form({ grant_type: 'authorization_code', client_id: client.id, code, code_verifier: VERIFIER }),
    });
    const [authorization] = [...core.database.authorizations.values()].slice(-1);
    return { client, person, token, authorizationId: authorization!.id };
  }
  const admit = (token: string, more: Partial<OwnAccessRequest> = {}) =>
    core.ownAccess.admit({
      authorization: [`Bearer ${token}`],
      query: '',
      method: 'GET',
      url: `${ISSUER}/admin/clients`,
      proofs: [],
      resource: ADMIN,
      scopes: ['clients:read'],
      ...more,
    });
  const refusal = (attempt: Promise<unknown>) =>
    attempt.then(
      () => undefined,
      (error: unknown) => {
        const { code, status, reason } = error as OAuthError;
        return [code, status, reason];
      },
    );

  it('says who is calling, through which client, and with which scopes', async () => {
    const { token, client, person } = await granted();
    const principal = await admit(token);
    expect(principal).toMatchObject({ clientId: client.id, accountId: person.accountId, scopes: SCOPES });
    expect(await admit(token, { authorization: [`bearer ${token}`] })).toMatchObject({ clientId: client.id });
  });

  it('lets the broader scope do what the narrower one may', async () => {
    const { token } = await granted(['clients:write']);
    expect(await admit(token)).toMatchObject({ scopes: ['clients:write'] });
  });

  it('lets a client in that acts for itself, and names no person', async () => {
    const secret = 'ghs_of-the-robot';
    const robot = core.client({
      origin: 'pre-registered',
      redirectUris: [],
      grantTypes: ['client_credentials'],
      authMethod: 'client_secret_post',
      secrets: [{ hash: core.secrets.hash(secret) }],
      scopes: ['clients:read'],
    });
    const parameters = { grant_type: 'client_credentials', client_id: robot.id, client_secret: secret };
    const { access_token: token } = await core.token.handle({
      parameters: form({ ...parameters, resource: ADMIN.identifier }),
    });
    const principal = await admit(token);
    expect([principal.clientId, principal.accountId]).toEqual([robot.id, undefined]);
  });

  it('refuses a token of another resource, and another of our own', async () => {
    const resource = core.resource();
    const client = core.client({ origin: 'pre-registered' });
    const code = await approvedCode(core, client, resource);
    const { access_token: token } = await core.token.handle({
      parameters: form({ grant_type: 'authorization_code', client_id: client.id, code, code_verifier: VERIFIER }),
    });
    expect(await refusal(admit(token))).toEqual(['invalid_token', 401, 'wrong_audience']);
    const admin = await granted();
    expect(await refusal(admit(admin.token, { resource: userinfoResource(ISSUER) }))).toEqual([
      'invalid_token',
      401,
      'wrong_audience',
    ]);
  });

  it('refuses what is no living token', async () => {
    const { token } = await granted();
    expect(await refusal(admit('a.b.c'))).toEqual(['invalid_token', 401, 'malformed_access_token']);
    core.clock.advance(core.policy.accessTokenLifetime + 1);
    expect(await refusal(admit(token))).toEqual(['invalid_token', 401, 'malformed_access_token']);
  });

  it('refuses a token at once when what is behind it has ended', async () => {
    const revoked = await granted();
    await core.authorizations.revoke(revoked.authorizationId, 'revoked_by_operator', {
      type: 'authorization.revoked',
      at: core.clock.now(),
    });
    expect(await refusal(admit(revoked.token))).toEqual(['invalid_token', 401, 'authorization_revoked']);

    const person = await granted();
    core.database.disableAccount(person.person.accountId);
    expect(await refusal(admit(person.token))).toEqual(['invalid_token', 401, 'disabled_account']);

    const client = await granted();
    core.database.disableClient(client.client.id, core.clock.now());
    expect(await refusal(admit(client.token))).toEqual(['invalid_token', 401, 'disabled_client']);

    const resource = await granted();
    core.database.disableResource(ADMIN.identifier, core.clock.now());
    expect(await refusal(admit(resource.token))).toEqual(['invalid_token', 401, 'disabled_resource']);
  });

  it('refuses a scope that was not granted, and one that is no longer the right of the person', async () => {
    const reader = await granted(['clients:read']);
    expect(await refusal(admit(reader.token, { scopes: ['clients:write'] }))).toEqual([
      'insufficient_scope',
      403,
      'insufficient_scope',
    ]);
    const writer = await granted();
    core.database.entitlements.set(`${writer.person.accountId} ${ADMIN.identifier}`, []);
    expect(await refusal(admit(writer.token))).toEqual(['insufficient_scope', 403, 'insufficient_scope']);
  });

  it('reads the one token from the header and from nowhere else', async () => {
    const { token } = await granted();
    const none = ['invalid_token', 401, 'no_access_token'];
    expect(await refusal(admit(token, { authorization: [] }))).toEqual(none);
    expect(await refusal(admit(token, { authorization: [`Basic ${token}`] }))).toEqual(none);
    expect(await refusal(admit(token, { authorization: [], query: `access_token=${token}` }))).toEqual([
      'invalid_token',
      401,
      'credentials_in_url',
    ]);
    const two = ['invalid_request', 400, 'two_access_tokens'];
    expect(await refusal(admit(token, { authorization: [`Bearer ${token}`, `Bearer ${token}`] }))).toEqual(two);
    expect(await refusal(admit(token, { query: `access_token=${token}` }))).toEqual(two);
    expect(await refusal(admit(`${token} x`))).toEqual(['invalid_request', 400, 'malformed_access_token']);
  });

  it('costs one store call', async () => {
    const { token } = await granted();
    const before = core.database.verbs;
    await admit(token);
    expect(core.database.verbs - before).toBe(1);
  });
});

describe('the resources of this server', () => {
  it('stand among the others without being what clients come for', async () => {
    const core = memoryCore();
    await core.ownResources.publish();
    await core.ownResources.publish();
    expect((await core.resources.list()).map(({ identifier }) => identifier)).toEqual([
      `${ISSUER}/userinfo`,
      `${ISSUER}/admin`,
    ]);
    expect(core.auditTypes()).toEqual(['resource.published', 'resource.published']);
    const only = core.resource();
    const { tokens } = await (async () => {
      const client = core.client();
      const code = await approvedCode(core, client, only, core.person(only), { resource: undefined });
      const parameters = { grant_type: 'authorization_code', client_id: client.id, code, code_verifier: VERIFIER };
      return { tokens: await core.token.handle({ parameters: form(parameters) }) };
    })();
    expect((await core.accessTokens.read(tokens.access_token))?.aud).toBe(only.identifier);
  });

  it('cannot be asked for by a client that no operator registered for it, whoever the person would be', async () => {
    const core = memoryCore();
    await core.ownResources.publish();
    const push = (origin: Client['origin']) =>
      core.pushing.push({
        parameters: authorizationRequest(core.client({ origin, scopes: SCOPES }), ADMIN, {
          scope: 'clients:write',
        }),
      });
    for (const origin of ['dynamic', 'metadata-document'] as const)
      await expect(push(origin)).rejects.toMatchObject({ code: 'invalid_target', reason: 'client_not_pre_registered' });
    // Not in so many words: whoever may declare clients could have declared it.
    const unlimited = core.client({ origin: 'pre-registered' });
    for (const client of [unlimited, core.client({ origin: 'pre-registered', scopes: ['invoices:read'] })])
      await expect(
        core.pushing.push({ parameters: authorizationRequest(client, ADMIN, { scope: 'clients:write' }) }),
      ).rejects.toMatchObject({ code: 'invalid_scope', reason: 'scope_not_granted' });
    expect(await push('pre-registered')).toMatchObject({ request_uri: expect.any(String) });
  });
});
