import { after, type AuthorizationId, OAuthError, type ResourceIdentifier } from '@gatehouse/protocol';
import { intersect } from '@gatehouse/scopes';
import { randomUUID } from 'node:crypto';
import type { Authorization, KeyBinding } from '../authorizations/authorization.js';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import { grantableScopes } from '../authorize/checks/grantable-scopes.js';
import { requestedTarget } from '../authorize/checks/requested-target.js';
import type { Client } from '../clients/client.js';
import { isUserinfo } from '../resources/own-resources.js';
import { bindingDetail } from '../dpop/key-binding.js';
import type { ProtectedResource } from '../resources/protected-resource.js';
import type { ResourceStore } from '../resources/resource.store.js';
import type { ServerPolicy } from '../server-policy.js';
import { Grant, type GrantRequest, type PreparedGrant } from './grant.js';

/**
 * A client acts for itself: no person, no consent, no refresh token. What it may do stands in its registration, so only
 * clients that an operator registered, and that prove who they are, come this way; a stranger that registered itself
 * never does. An authorization is stored all the same: it is what introspection and revocation look at, and it ends with
 * the token.
 * Costs two store calls: the resources (which stores may cache) and one write.
 * @spec OAuth 2.1 §4.2; RFC 9068 §2.2
 */
export class ClientCredentialsGrant extends Grant {
  override readonly type = 'client_credentials';
  override readonly parameters = [];

  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly resources: ResourceStore;
      readonly authorizations: AuthorizationStore;
      readonly defaultResource?: ResourceIdentifier;
    },
  ) {
    super();
  }

  override async prepare({ client, parameters, now, binding }: GrantRequest): Promise<PreparedGrant> {
    if (client.origin !== 'pre-registered') throw new OAuthError('unauthorized_client', 'client_not_pre_registered');
    // Whoever knows the id of a public client could act as it.
    if (client.authMethod === 'none') throw new OAuthError('unauthorized_client', 'wrong_client_auth_method');
    const resources = await this.by.resources.list();
    const resource = requestedTarget(parameters, resources, this.by.defaultResource);
    // There is nobody to tell of.
    if (isUserinfo(resource)) throw new OAuthError('invalid_target', 'no_person');
    const scopes = grantableScopes(parameters, withOwnScopes(resource, client), resources, {
      ...client,
      scopes: client.scopes ?? [],
    });
    const authorization: Authorization = {
      id: randomUUID() as AuthorizationId,
      clientId: client.id,
      resource: resource.identifier,
      scopes,
      createdAt: now,
      expiresAt: after(now, this.by.policy.accessTokenLifetime),
    };
    return { authorization, scopes, commit: () => this.#begin(authorization, now, binding) };
  }

  async #begin(
    authorization: Authorization,
    now: Date,
    binding: KeyBinding | undefined,
  ): Promise<Record<string, never>> {
    const { id, clientId, resource, scopes } = authorization;
    const audit = {
      type: 'client.authorized',
      at: now,
      clientId,
      authorizationId: id,
      resource,
      scopes,
      ...(binding ? { detail: bindingDetail(binding) } : {}),
    } as const;
    if (await this.by.authorizations.begin(authorization, audit)) return {};
    // Between our reads and our write the client or the resource was disabled.
    throw new OAuthError('invalid_grant', 'authorization_revoked');
  }
}

/** Who asks for nothing in particular gets all it is registered for there: there is no person to choose less. */
function withOwnScopes(resource: ProtectedResource, client: Client): ProtectedResource {
  return {
    ...resource,
    defaultScopes: intersect(
      resource.scopes.map(({ name }) => name),
      client.scopes ?? [],
    ),
  };
}
