import type { AuditEvent } from '@gatehouse/audit';
import type { Clock, ResourceIdentifier, ResourceServerId } from '@gatehouse/protocol';
import { IDENTITY_SCOPE_DEFINITIONS } from '../openid/identity-scopes.js';
import type { ProtectedResource } from './protected-resource.js';
import type { ResourceStore } from './resource.store.js';

/**
 * This server is itself a protected resource, twice: what it says about a person, and its administration. Both are rows
 * among the others, so entitlements, consent, standing and revocation are the same for them; nothing but a token whose
 * audience is exactly theirs opens them. The server they belong to has no secret: nobody can introspect as it.
 * @see docs/decisions/0019-administration.md
 */
export const OWN_SERVER = 'gatehouse' as ResourceServerId;

const ADMINISTRATION = '/admin';

export const ADMIN_SCOPES: readonly string[] = ['clients:read', 'clients:write'];
const USERINFO = '/userinfo';

/** @spec OpenID Connect Core §5.3, §5.4 */
export function userinfoResource(issuer: string): ProtectedResource {
  return own(issuer, USERINFO, {
    name: 'Your identity',
    scopes: IDENTITY_SCOPE_DEFINITIONS,
    defaultScopes: ['openid'],
  });
}

/** Both scopes are sensitive: who may see the clients sees how to pass for one, who may change them decides who comes in. */
export function adminResource(issuer: string): ProtectedResource {
  return own(issuer, ADMINISTRATION, {
    name: 'Administration of clients',
    scopes: [
      { name: 'clients:read', description: 'See all clients and registration tokens', sensitive: true },
      {
        name: 'clients:write',
        description: 'Create, change, stop and delete clients, and end what people allowed them',
        implies: ['clients:read'],
        sensitive: true,
      },
    ],
    defaultScopes: ['clients:read'],
  });
}

export function ownResources(issuer: string): readonly ProtectedResource[] {
  return [userinfoResource(issuer), adminResource(issuer)];
}

/** They are not what clients come for: not listed, and never meant by a request that names no resource. */
export function isOwnResource({ serverId }: Pick<ProtectedResource, 'serverId'>): boolean {
  return serverId === OWN_SERVER;
}

export function isAdministration(resource: Pick<ProtectedResource, 'serverId' | 'identifier'>): boolean {
  return isOwnResource(resource) && resource.identifier.endsWith(ADMINISTRATION);
}

export function isUserinfo(resource: Pick<ProtectedResource, 'serverId' | 'identifier'>): boolean {
  return isOwnResource(resource) && resource.identifier.endsWith(USERINFO);
}

/** Sees to it that the resources of this server stand among the others; at each start, by each replica. */
export class OwnResources {
  constructor(
    private readonly by: { readonly issuer: string; readonly clock: Clock; readonly resources: ResourceStore },
  ) {}

  /** A new version brings its scopes along. One that an operator disabled stays so. */
  async publish(): Promise<void> {
    for (const resource of ownResources(this.by.issuer)) {
      const { identifier } = resource;
      const audit: AuditEvent = { type: 'resource.published', at: this.by.clock.now(), resource: identifier };
      await this.by.resources.ensure(resource, audit);
    }
  }
}

function own(
  issuer: string,
  path: string,
  more: Pick<ProtectedResource, 'name' | 'scopes' | 'defaultScopes'>,
): ProtectedResource {
  const identifier = `${issuer.replace(/\/$/, '')}${path}` as ResourceIdentifier;
  return { identifier, serverId: OWN_SERVER, ...more };
}
