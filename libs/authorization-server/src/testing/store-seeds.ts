import {
  type AccountId,
  type AuthorizationId,
  type ClientId,
  type ResourceIdentifier,
  type ResourceServerId,
  type SecretHash,
  type TokenHash,
  type VerifiedRedirect,
  after,
  tokenHash,
} from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import type { Authorization, RefreshState } from '../authorizations/authorization.js';
import { sessionContext } from '../authorizations/session-context.js';
import type { CodeRequest, Interaction, SignedInPerson } from '../authorize/interaction.js';
import type { Client } from '../clients/client.js';
import type { AuthorizationCode } from '../codes/authorization-code.js';
import type { DeviceAuthorization } from '../device/device-authorization.js';
import type { ProtectedResource } from '../resources/protected-resource.js';
import type { StoreFixture } from './store-fixture.js';

/** The time of every contract. Stores take the time they are given and never ask a clock of their own. */
export const CONTRACT_NOW = new Date('2026-05-04T10:00:00.000Z');

export function anyHash(): TokenHash {
  return tokenHash(randomUUID());
}

export function anySecretHash(): SecretHash {
  return anyHash() as string as SecretHash;
}

export function aClient(overrides: Partial<Client> = {}): Client {
  return {
    id: `c_${randomUUID().replaceAll('-', '')}` as ClientId,
    origin: 'dynamic',
    name: 'Ledger assistant',
    applicationType: 'native',
    redirectUris: ['http://127.0.0.1/callback'],
    grantTypes: ['authorization_code', 'refresh_token'],
    authMethod: 'none',
    secrets: [],
    createdAt: CONTRACT_NOW,
    ...overrides,
  };
}

export function aResource(overrides: Partial<ProtectedResource> = {}): ProtectedResource {
  return {
    identifier: `https://${randomUUID()}.example/mcp` as ResourceIdentifier,
    name: 'Invoices',
    scopes: [
      { name: 'invoices:read', description: 'See invoices' },
      { name: 'invoices:write', description: 'Create invoices', implies: ['invoices:read'] },
      { name: 'invoices:refund', description: 'Pay money back', sensitive: true },
    ],
    defaultScopes: ['invoices:read'],
    serverId: `rs-${randomUUID()}` as ResourceServerId,
    ...overrides,
  };
}

/** Somebody who signed in then, in a session of their own. */
export function aPerson(accountId: AccountId, authenticatedAt = CONTRACT_NOW): SignedInPerson {
  return { accountId, authenticatedAt, sid: randomUUID(), acr: 'urn:gatehouse:acr:1fa', amr: ['pwd'] };
}

export interface Parties {
  readonly client: Client;
  readonly accountId: AccountId;
  readonly resource: ProtectedResource;
}

/** A client, an account with rights and a resource, all active and stored. */
export async function givenParties(fixture: StoreFixture): Promise<Parties> {
  const client = aClient();
  const resource = aResource();
  const accountId = await fixture.addAccount();
  await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
  await fixture.resources.publishServer({ id: resource.serverId, secrets: [{ hash: anySecretHash() }] });
  await fixture.resources.publish(resource, {
    type: 'resource.published',
    at: CONTRACT_NOW,
    resource: resource.identifier,
  });
  await fixture.entitlements.grant(accountId, resource.identifier, ['invoices:read', 'invoices:write']);
  return { client, accountId, resource };
}

export function aRequest({ client, resource }: Parties): CodeRequest {
  return {
    clientId: client.id,
    redirectUri: 'http://127.0.0.1:51234/callback' as VerifiedRedirect,
    redirectUriWasSent: true,
    state: 'a=b&c="d" ✓',
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    resource: resource.identifier,
    scopes: ['invoices:read', 'invoices:write'],
  };
}

export async function givenInteraction(
  fixture: StoreFixture,
  parties: Parties,
  overrides: Partial<Interaction> = {},
): Promise<Interaction> {
  const interaction: Interaction = {
    id: anyHash(),
    browser: anyHash(),
    request: aRequest(parties),
    createdAt: CONTRACT_NOW,
    expiresAt: after(CONTRACT_NOW, 900),
    ...overrides,
  };
  await fixture.interactions.begin(interaction);
  return interaction;
}

export function aCode({ client, accountId, resource }: Parties): AuthorizationCode {
  return {
    hash: anyHash(),
    clientId: client.id,
    accountId,
    redirectUri: 'http://127.0.0.1:51234/callback',
    redirectUriWasSent: true,
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    resource: resource.identifier,
    scopes: ['invoices:read'],
    authenticatedAt: CONTRACT_NOW,
    session: sessionContext(aPerson(accountId)),
    nonce: 'n-0S6_WzA2Mj',
    binding: { jkt: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k' },
    issuedAt: CONTRACT_NOW,
    expiresAt: after(CONTRACT_NOW, 60),
  };
}

/** A code as `approve` stores it: the only way one comes into being. */
export async function givenCode(fixture: StoreFixture, parties: Parties): Promise<AuthorizationCode> {
  const { accountId, client, resource } = parties;
  const code = aCode(parties);
  const interaction = await givenInteraction(fixture, parties, {
    person: aPerson(accountId),
  });
  const consent = {
    accountId,
    clientId: client.id,
    resource: resource.identifier,
    scopes: code.scopes,
    grantedAt: CONTRACT_NOW,
  };
  const audit = { type: 'consent.granted', at: CONTRACT_NOW, clientId: client.id, accountId } as const;
  if (!(await fixture.interactions.approve(interaction.id, { consent, code, audit }, CONTRACT_NOW)))
    throw new Error('the store refused to approve');
  return code;
}

export function aDevice(
  { client, resource }: Parties,
  overrides: Partial<DeviceAuthorization> = {},
): DeviceAuthorization {
  return {
    code: anyHash(),
    userCode: anyHash() as string as SecretHash,
    clientId: client.id,
    resource: resource.identifier,
    scopes: ['invoices:read', 'invoices:write'],
    network: '192.0.2.7',
    createdAt: CONTRACT_NOW,
    expiresAt: after(CONTRACT_NOW, 600),
    interval: 5,
    ...overrides,
  };
}

/** A device that has asked, and the journey of a person who has typed its code. */
export async function givenDevice(
  fixture: StoreFixture,
  parties: Parties,
  overrides: Partial<DeviceAuthorization> = {},
): Promise<{ readonly device: DeviceAuthorization; readonly interaction: Interaction }> {
  const device = aDevice(parties, overrides);
  const audit = { type: 'device.started', at: CONTRACT_NOW, clientId: device.clientId } as const;
  if (!(await fixture.devices.begin(device, audit))) throw new Error('the store refused a device');
  const { code, network, createdAt, clientId, resource, scopes } = device;
  const interaction = await givenInteraction(fixture, parties, {
    request: { clientId, resource, scopes, device: { code, network, startedAt: createdAt.toISOString() } },
    person: aPerson(parties.accountId),
  });
  return { device, interaction };
}

export function aRefreshState(overrides: Partial<RefreshState> = {}): RefreshState {
  return {
    generation: 0,
    currentHash: anyHash(),
    replayKey: Buffer.alloc(32, 7).toString('base64url'),
    idleExpiresAt: after(CONTRACT_NOW, 3600),
    ...overrides,
  };
}

/** The state after `state`, as a rotation at `at` stores it. */
export function rotated(state: RefreshState, at = CONTRACT_NOW): RefreshState {
  return {
    ...state,
    generation: state.generation + 1,
    previousHash: state.currentHash,
    currentHash: anyHash(),
    rotatedAt: at,
    nonce: Buffer.alloc(32, state.generation).toString('base64url'),
    idleExpiresAt: after(at, 3600),
  };
}

export function aBirth(code: AuthorizationCode, overrides: Partial<Authorization> = {}): Authorization {
  return {
    id: randomUUID() as AuthorizationId,
    clientId: code.clientId,
    accountId: code.accountId,
    resource: code.resource,
    scopes: code.scopes,
    authenticatedAt: code.authenticatedAt,
    ...(code.session ? { session: code.session } : {}),
    ...(code.binding ? { binding: code.binding } : {}),
    createdAt: CONTRACT_NOW,
    expiresAt: after(CONTRACT_NOW, 86_400),
    refresh: aRefreshState(),
    ...overrides,
  };
}

/** An authorization as `redeem` stores it. */
export async function givenAuthorization(
  fixture: StoreFixture,
  overrides: Partial<Authorization> = {},
): Promise<Parties & { readonly authorization: Authorization; readonly refresh: RefreshState }> {
  const parties = await givenParties(fixture);
  const code = await givenCode(fixture, parties);
  const authorization = aBirth(code, overrides);
  const audit = { type: 'code.redeemed', at: CONTRACT_NOW, authorizationId: authorization.id } as const;
  if (!(await fixture.codes.redeem(code, authorization, audit, CONTRACT_NOW)))
    throw new Error('the store refused to redeem');
  return { ...parties, authorization, refresh: authorization.refresh ?? aRefreshState() };
}
