import type { Parameters, ResourceIdentifier } from '@gatehouse/protocol';
import type { Client } from '../clients/client.js';
import type { ProtectedResource } from '../resources/protected-resource.js';
import type { ResourceStore } from '../resources/resource.store.js';
import type { ServerPolicy } from '../server-policy.js';
import { requireCodeChallenge } from './checks/code-challenge.js';
import { requireCodeResponse } from './checks/code-response.js';
import { grantableScopes } from './checks/grantable-scopes.js';
import { requireInvitedClient } from './checks/invited-client.js';
import { requirePlainRequest } from './checks/plain-request.js';
import { requirePushedRequest } from './checks/pushed-request.js';
import { registeredRedirect } from './checks/registered-redirect.js';
import { requestedTarget } from './checks/requested-target.js';
import type { AuthorizationRequest, CodeRequest } from './interaction.js';

/**
 * What can be said about an authorization request before a person has come: the same wherever it arrives, at the
 * authorization endpoint, pushed, or from a device.
 */
export class RequestChecks {
  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly resources: ResourceStore;
      /** For a request without `resource`; undefined: the only enabled resource, if there is just one. */
      readonly defaultResource?: ResourceIdentifier;
    },
  ) {}

  /** @throws OAuthError for a page: from here on there is somewhere to send an answer */
  verified(client: Client, parameters: Parameters): AuthorizationRequest {
    const state = parameters.get('state');
    return {
      clientId: client.id,
      ...registeredRedirect(client, parameters),
      ...(state === undefined ? {} : { state }),
    };
  }

  /**
   * @param pushed whether it came (or is coming now) by the client's own hand
   * @throws OAuthError for the client
   */
  async grantable(
    client: Client,
    verified: AuthorizationRequest,
    parameters: Parameters,
    pushed: boolean,
  ): Promise<CodeRequest> {
    requirePlainRequest(parameters);
    requirePushedRequest(this.by.policy, pushed);
    requireCodeResponse(client, parameters);
    const codeChallenge = requireCodeChallenge(parameters);
    const { resource, scopes } = await this.target(client, parameters);
    const alwaysAsk = prompts(parameters).includes('consent');
    return { ...verified, codeChallenge, resource: resource.identifier, scopes, ...(alwaysAsk ? { alwaysAsk } : {}) };
  }

  /** @throws OAuthError invalid_target, invalid_scope */
  async target(
    client: Client,
    parameters: Parameters,
  ): Promise<{ readonly resource: ProtectedResource; readonly scopes: readonly string[] }> {
    const resources = await this.by.resources.list();
    const resource = requestedTarget(parameters, resources, this.by.defaultResource);
    requireInvitedClient(client, resource);
    return { resource, scopes: grantableScopes(parameters, resource, resources, client) };
  }
}

/** `prompt` is a list; what it may say beyond these is ignored. @spec OpenID Connect Core §3.1.2.1 */
export function prompts(parameters: Parameters): readonly string[] {
  return parameters.get('prompt')?.split(' ') ?? [];
}
