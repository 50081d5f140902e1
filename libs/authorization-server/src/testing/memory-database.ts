import type { AuditEvent } from '@gatehouse/audit';
import type {
  AccountId,
  AuthorizationId,
  ClientId,
  ResourceIdentifier,
  ResourceServerId,
  TokenHash,
} from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import type { AccessRule } from '../access/access-rule.js';
import { decideAccess } from '../access/access-decision.js';
import type { Authorization } from '../authorizations/authorization.js';
import { type FoundAuthorization, standingOfLine } from '../authorizations/lineage.js';
import { type Standing, standingProblem } from '../authorizations/standing.js';
import type { Interaction } from '../authorize/interaction.js';
import type { ClientUse } from '../clients/client-usage.store.js';
import type { Client } from '../clients/client.js';
import type { AuthorizationCode } from '../codes/authorization-code.js';
import type { Consent } from '../consent/consent.js';
import type { DeviceAuthorization } from '../device/device-authorization.js';
import type { Profile } from '../openid/profile.js';
import type { InitialAccessToken } from '../registration/initial-access-token.store.js';
import type { PushedRequest } from '../pushed-requests/pushed-request.js';
import type { ProtectedResource, ResourceServer } from '../resources/protected-resource.js';

/** What is known of the registration of a dynamic client. */
export interface StoredRegistration {
  readonly managementToken: TokenHash | undefined;
  readonly fingerprint: TokenHash | undefined;
  readonly source?: TokenHash | undefined;
  /** When it was registered or asked for last; undefined once it was used. */
  unusedSince: Date | undefined;
}

/**
 * What the memory stores share, so that a verb over several tables is one step, as a statement would be. Each verb
 * waits for `roundTrip` before and after that step: whoever reads first and writes later finds out that others were
 * here in between.
 */
export class MemoryDatabase {
  readonly clients = new Map<ClientId, Client>();
  readonly accounts = new Map<AccountId, { readonly disabled: boolean; readonly profile?: Profile }>();
  readonly resources = new Map<ResourceIdentifier, ProtectedResource>();
  readonly resourceServers = new Map<ResourceServerId, ResourceServer>();
  readonly entitlements = new Map<string, readonly string[]>();
  readonly accessRules = new Map<string, AccessRule>();
  /** Groups of an account, by all providers. */
  readonly groups = new Map<AccountId, ReadonlySet<string>>();
  readonly consents = new Map<string, Consent>();
  readonly interactions = new Map<TokenHash, Interaction>();
  readonly codes = new Map<TokenHash, AuthorizationCode>();
  readonly authorizations = new Map<AuthorizationId, Authorization>();
  readonly pushedRequests = new Map<TokenHash, PushedRequest>();
  readonly devices = new Map<TokenHash, DeviceAuthorization>();
  readonly devicePolls = new Map<TokenHash, Date>();
  readonly usedProofs = new Map<string, Date>();
  readonly usedAssertions = new Map<string, Date>();
  readonly registrations = new Map<ClientId, StoredRegistration>();
  readonly usage = new Map<ClientId, ClientUse>();
  readonly initialAccessTokens = new Map<TokenHash, InitialAccessToken>();
  readonly audit: AuditEvent[] = [];
  /** Number of verbs called, to state what an operation costs. */
  verbs = 0;

  /** Runs `step` undivided, with a wait on both sides. */
  async atomically<T>(step: () => T): Promise<T> {
    this.verbs += 1;
    await elsewhere();
    const result = step();
    await elsewhere();
    return result;
  }

  addAccount(profile?: Profile): AccountId {
    const id = randomUUID() as AccountId;
    this.accounts.set(id, { disabled: false, profile: profile ?? { displayName: 'Anna', username: `anna-${id}` } });
    return id;
  }

  disableAccount(id: AccountId): void {
    this.accounts.set(id, { ...this.accounts.get(id), disabled: true });
  }

  disableClient(id: ClientId, at: Date): void {
    const client = this.clients.get(id);
    if (client) this.clients.set(id, { ...client, disabledAt: at });
  }

  disableResource(id: ResourceIdentifier, at: Date): void {
    const resource = this.resources.get(id);
    if (resource) this.resources.set(id, { ...resource, disabledAt: at });
  }

  /** Stored consents, and the journeys in which somebody might agree to what is different now. */
  endAgreements(id: ClientId): void {
    for (const [key, { clientId }] of this.consents) if (clientId === id) this.consents.delete(key);
    for (const [key, { request }] of this.interactions)
      if ('clientId' in request && request.clientId === id) this.interactions.delete(key);
  }

  standing(of: {
    readonly clientId: ClientId;
    readonly accountId?: AccountId;
    readonly resource: ResourceIdentifier;
    readonly parent?: AuthorizationId;
  }): Standing {
    const line = this.#line(of.parent);
    const handedOn = of.parent === undefined ? of.clientId : line.at(-1)?.clientId;
    const client = this.clients.get(of.clientId);
    const account = of.accountId && this.accounts.get(of.accountId);
    const resource = this.resources.get(of.resource);
    const word = (known: boolean, disabled: boolean) => (!known ? 'unknown' : disabled ? 'disabled' : 'active');
    return {
      client: word(client !== undefined, client?.disabledAt !== undefined),
      account: of.accountId ? word(account !== undefined, account?.disabled === true) : 'absent',
      resource: word(resource !== undefined, resource?.disabledAt !== undefined),
      ...(of.accountId
        ? this.entitled(of.accountId, of.clientId, of.resource)
        : { entitledScopes: (handedOn && this.clients.get(handedOn)?.scopes) ?? [] }),
      ...(of.accountId && of.parent === undefined && client?.scopes ? { clientScopes: client.scopes } : {}),
      ...(account?.profile ? { profile: account.profile } : {}),
      ...(of.parent === undefined
        ? {}
        : {
            ancestors: standingOfLine(
              line.map(({ clientId, resource, revoked, parent }) => ({
                clientId,
                resource,
                root: parent === undefined,
                stands: !revoked && this.stands({ clientId, resource }),
              })),
            ),
          }),
    };
  }

  /** What an account has at a resource, and what it has besides through a client that is verified. */
  entitled(
    accountId: AccountId,
    clientId: ClientId,
    resource: ResourceIdentifier,
  ): Pick<Standing, 'entitledScopes' | 'entitledIfVerified'> {
    const declared = this.clients.get(clientId)?.origin === 'pre-registered';
    const account = { id: accountId, groups: [...(this.groups.get(accountId) ?? [])] };
    const ask = (rules: readonly AccessRule[], entitled: readonly string[], trust: 'unverified' | 'verified') =>
      decideAccess(rules, entitled, {
        account,
        client: { id: clientId, trust: declared ? 'pre-registered' : trust },
        resource,
      }).scopes;
    const rules = [...this.accessRules.values()];
    const granted = this.entitlements.get(entitlementKey(accountId, resource)) ?? [];
    const verified = rules.filter(({ clientTrust }) => clientTrust === 'verified');
    const ifVerified = ask(verified, [], 'verified');
    return {
      entitledScopes: ask(
        rules.filter((rule) => !verified.includes(rule)),
        granted,
        'unverified',
      ),
      ...(ifVerified.length === 0 ? {} : { entitledIfVerified: ifVerified }),
    };
  }

  /** What a store finds of an authorization. */
  found(id: AuthorizationId): FoundAuthorization | undefined {
    const authorization = this.authorizations.get(id);
    if (!authorization) return undefined;
    const line = this.#line(authorization.parent);
    const serverId = this.resources.get(authorization.resource)?.serverId;
    return {
      authorization,
      standing: this.standing(authorization),
      ...(serverId === undefined ? {} : { serverId }),
      clients: [authorization, ...line].flatMap(({ clientId }) => {
        const client = this.clients.get(clientId);
        return client ? [{ id: client.id, origin: client.origin, redirectUris: client.redirectUris }] : [];
      }),
      ancestors: line.map(({ clientId, resource }) => ({ clientId, resource })),
    };
  }

  /** As far as it is there, the nearest first. */
  #line(parent: AuthorizationId | undefined): readonly Authorization[] {
    const authorization = parent && this.authorizations.get(parent);
    return authorization ? [authorization, ...this.#line(authorization.parent)] : [];
  }

  /** All parties are active. */
  stands(of: Parameters<MemoryDatabase['standing']>[0]): boolean {
    return standingProblem(this.standing(of)) === undefined;
  }
}

export function entitlementKey(accountId: AccountId, resource: ResourceIdentifier): string {
  return `${accountId} ${resource}`;
}

export function consentKey(consent: Pick<Consent, 'accountId' | 'clientId' | 'resource'>): string {
  return `${consent.accountId} ${consent.clientId} ${consent.resource}`;
}

function elsewhere(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
