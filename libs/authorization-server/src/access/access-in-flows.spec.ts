import { basic, type ClientId, newSecret } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { type ClientTrustPolicy, OPEN_TO_ALL } from '../clients/client-trust.js';
import type { Client } from '../clients/client.js';
import { approvedCode, authorizationRequest, BROWSER, form, memoryCore, VERIFIER } from '../testing/memory-core.js';
import type { AccessRule } from './access-rule.js';

const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });

/** A person with nothing granted by name, in the group okta/finance. */
function house(options: { readonly trust?: ClientTrustPolicy; readonly client?: Partial<Client> } = {}) {
  const core = memoryCore(options.trust ? { trust: options.trust } : {});
  const client = core.client(options.client);
  const resource = core.resource();
  const person = core.person(resource, []);
  core.database.groups.set(person.accountId, new Set(['okta/finance']));
  const rule = (more: Partial<AccessRule> = {}): AccessRule => ({
    id: 'finance',
    resource: resource.identifier,
    scopes: ['invoices:read', 'invoices:write'],
    groups: ['okta/finance'],
    clientTrust: 'any',
    ...more,
  });
  const policy = (...rules: readonly AccessRule[]) => {
    core.database.accessRules.clear();
    for (const each of rules) core.database.accessRules.set(each.id, each);
  };
  const redeem = (code: string, by = client) =>
    core.token.handle({
      parameters: form({ grant_type: 'authorization_code', client_id: by.id, code, code_verifier: VERIFIER }),
    });
  const refresh = (refresh_token: string, by = client) =>
    core.token.handle({ parameters: form({ grant_type: 'refresh_token', client_id: by.id, refresh_token }) });
  const secret = newSecret('ghx_');
  const { serverId } = resource;
  core.database.resourceServers.set(serverId, { id: serverId, secrets: [{ hash: core.secrets.hash(secret) }] });
  const introspect = async (token: string) =>
    (await core.introspection.introspect({ parameters: form({ token }), authorization: basic(serverId, secret) })).body;
  const consent = async () => {
    const parameters = authorizationRequest(client, resource);
    const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person });
    return core.authorization.step(interactionId, BROWSER, person);
  };
  return { core, client, resource, person, rule, policy, redeem, refresh, introspect, consent };
}
type House = ReturnType<typeof house>;
const code = ({ core, client, resource, person }: House) => approvedCode(core, client, resource, person);

describe('a policy without a rule', () => {
  it('gives nothing: a person without entitlements is refused at consent', async () => {
    const it = house();
    expect(await it.consent()).toMatchObject({ kind: 'refusal', view: { code: 'access_denied' } });
  });

  it('leaves what was granted by name as it is', async () => {
    const it = house();
    await it.core.entitlements.grant(it.person.accountId, it.resource.identifier, ['invoices:read']);
    it.policy(it.rule({ groups: ['okta/sales'] }));
    expect((await it.redeem(await code(it))).scope).toBe('invoices:read');
  });
});

describe('a rule that matches', () => {
  it('carries a person from the consent to the refresh, and adds to what was granted by name', async () => {
    const it = house();
    await it.core.entitlements.grant(it.person.accountId, it.resource.identifier, ['invoices:read']);
    it.policy(it.rule({ scopes: ['invoices:write'] }));
    expect(await it.consent()).toMatchObject({ kind: 'consent' });
    const tokens = await it.redeem(await code(it));
    expect(tokens.scope).toBe('invoices:read invoices:write');
    expect((await it.refresh(tokens.refresh_token!)).scope).toBe('invoices:read invoices:write');
    expect(await it.introspect(tokens.access_token)).toMatchObject({ active: true, scope: tokens.scope });
  });
});

describe('a policy that changes under way', () => {
  it('refuses a code whose rule was removed after the consent, and burns nothing', async () => {
    const it = house();
    it.policy(it.rule());
    const approved = await code(it);
    it.policy();
    await expect(it.redeem(approved)).rejects.toEqual(refusal('invalid_grant', 'scope_not_entitled'));
    expect(it.core.database.authorizations.size).toBe(0);
    it.policy(it.rule());
    await expect(it.redeem(approved)).resolves.toBeDefined();
  });

  it('refuses a consent whose rule was removed while the page was open', async () => {
    const it = house();
    it.policy(it.rule());
    const parameters = authorizationRequest(it.client, it.resource);
    const { interactionId } = await it.core.authorization.start({ parameters, browser: BROWSER, person: it.person });
    expect(await it.core.authorization.step(interactionId, BROWSER, it.person)).toMatchObject({ kind: 'consent' });
    it.policy();
    const { location } = await it.core.authorization.decide(interactionId, BROWSER, it.person, {
      approve: true,
      scopes: ['invoices:read', 'invoices:write'],
    });
    expect(new URL(location).searchParams.get('error')).toBe('access_denied');
  });

  it('narrows the next refresh and the next introspection, and refuses both when nothing is left', async () => {
    const it = house();
    it.policy(it.rule());
    const tokens = await it.redeem(await code(it));
    it.policy(it.rule({ scopes: ['invoices:read'] }));
    expect(await it.introspect(tokens.access_token)).toMatchObject({ active: true, scope: 'invoices:read' });
    const next = await it.refresh(tokens.refresh_token!);
    expect(next.scope).toBe('invoices:read');
    it.policy();
    expect(await it.introspect(next.access_token)).toEqual({ active: false });
    await expect(it.refresh(next.refresh_token!)).rejects.toEqual(refusal('invalid_grant', 'scope_not_entitled'));
  });

  it('counts a group that the person lost, though the session of the sign-in lives on', async () => {
    const it = house();
    it.policy(it.rule());
    const tokens = await it.redeem(await code(it));
    it.core.database.groups.set(it.person.accountId, new Set(['entra/finance', 'okta/Finance', 'local/finance']));
    expect(await it.introspect(tokens.access_token)).toEqual({ active: false });
    await expect(it.refresh(tokens.refresh_token!)).rejects.toEqual(refusal('invalid_grant', 'scope_not_entitled'));
  });

  it('gives a living authorization no more than the person agreed to', async () => {
    const it = house();
    it.policy(it.rule({ scopes: ['invoices:read'] }));
    const { refresh_token } = await it.redeem(await code(it));
    it.policy(it.rule({ scopes: ['invoices:read', 'invoices:write', 'invoices:refund'] }));
    expect((await it.refresh(refresh_token!)).scope).toBe('invoices:read');
  });

  it('gives nothing at a resource that is disabled, whatever rules say', async () => {
    const it = house();
    it.policy(it.rule());
    const tokens = await it.redeem(await code(it));
    it.core.database.disableResource(it.resource.identifier, it.core.clock.now());
    await expect(it.refresh(tokens.refresh_token!)).rejects.toEqual(refusal('invalid_grant', 'disabled_resource'));
    expect(await it.introspect(tokens.access_token)).toEqual({ active: false });
  });
});

describe('a rule about clients', () => {
  it('gives through the client it names, and through no other one of the same person', async () => {
    const it = house();
    it.policy(it.rule({ clients: [it.client.id] }));
    const tokens = await it.redeem(await code(it));
    const other = it.core.client();
    await expect(it.refresh(tokens.refresh_token!, other)).rejects.toEqual(
      refusal('invalid_grant', 'refresh_token_of_other_client'),
    );
    const parameters = authorizationRequest(other, it.resource);
    const { interactionId } = await it.core.authorization.start({ parameters, browser: BROWSER, person: it.person });
    expect(await it.core.authorization.step(interactionId, BROWSER, it.person)).toMatchObject({ kind: 'refusal' });
    await expect(it.refresh(tokens.refresh_token!)).resolves.toBeDefined();
  });

  const LISTED: ClientTrustPolicy = { ...OPEN_TO_ALL, allowed: { domains: ['app.example'], clients: [] } };
  const VERIFIED: Partial<Client> = { id: 'https://app.example/client.json' as ClientId, origin: 'metadata-document' };

  it('gives through verified clients what the lists of the operator verify, as long as they do', async () => {
    const it = house({ trust: LISTED, client: VERIFIED });
    it.policy(it.rule({ clientTrust: 'verified' }));
    const tokens = await it.redeem(await code(it));
    expect(tokens.scope).toBe('invoices:read invoices:write');
    expect(await it.introspect(tokens.access_token)).toMatchObject({ active: true, scope: tokens.scope });
    expect((await it.refresh(tokens.refresh_token!)).scope).toBe(tokens.scope);
  });

  it('gives an unlisted client, and one that only looks listed, nothing of it', async () => {
    for (const id of ['https://app.example.evil.example/client.json', 'https://evil.example/app.example', undefined]) {
      const more = id === undefined ? {} : { id: id as ClientId, origin: 'metadata-document' as const };
      const it = house({ trust: LISTED, client: more });
      it.policy(it.rule({ clientTrust: 'verified' }));
      expect(await it.consent()).toMatchObject({ kind: 'refusal' });
    }
  });

  it('takes it away from living tokens when the lists verify the client no more', async () => {
    const trust = { ...LISTED, allowed: { domains: ['app.example'], clients: [] as string[] } };
    const it = house({ trust, client: VERIFIED });
    it.policy(it.rule({ clientTrust: 'verified' }));
    const approved = await code(it);
    const tokens = await it.redeem(await code(it));
    trust.allowed.domains = [];
    expect(await it.introspect(tokens.access_token)).toEqual({ active: false });
    const refused = refusal('invalid_grant', 'scope_not_entitled');
    await expect(it.refresh(tokens.refresh_token!)).rejects.toEqual(refused);
    await expect(it.redeem(approved)).rejects.toEqual(refused);
  });

  it('gives through pre-registered clients nothing to one that is only verified', async () => {
    const it = house({ trust: LISTED, client: VERIFIED });
    it.policy(it.rule({ clientTrust: 'pre-registered' }));
    expect(await it.consent()).toMatchObject({ kind: 'refusal' });
    const declared = house({ client: { origin: 'pre-registered' } });
    declared.policy(declared.rule({ clientTrust: 'pre-registered' }));
    expect(await declared.consent()).toMatchObject({ kind: 'consent' });
  });
});
