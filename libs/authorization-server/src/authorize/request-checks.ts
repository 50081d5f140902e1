import type { Parameters, ResourceIdentifier } from '@gatehouse/protocol';
import type { Client } from '../clients/client.js';
import { requestedKey } from '../dpop/requested-key.js';
import { requestedNonce } from '../openid/requested-nonce.js';
import { userinfoResource } from '../resources/own-resources.js';
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
import { asksSilently, prompts, requestedSignIn, type SignInOffer } from './requested-sign-in.js';

/**
 * What can be said about an authorization request before a person has come: the same wherever it arrives, at the
 * authorization endpoint, pushed, or from a device.
 */
export class RequestChecks {
  constructor(
    private readonly by: {
      readonly issuer: string;
      readonly policy: ServerPolicy;
      readonly resources: ResourceStore;
      readonly signIn: SignInOffer;
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
      ...(asksSilently(parameters) ? { silent: true } : {}),
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
    requirePushedRequest(this.by.policy, client, pushed);
    requireCodeResponse(client, parameters);
    const codeChallenge = requireCodeChallenge(parameters);
    const binding = requestedKey(parameters);
    const nonce = requestedNonce(parameters);
    const { resource, scopes } = await this.target(client, parameters);
    const signIn = await requestedSignIn(client, parameters, this.by.signIn);
    const alwaysAsk = prompts(parameters).includes('consent');
    return {
      ...verified,
      codeChallenge,
      ...(nonce === undefined ? {} : { nonce }),
      ...(binding ? { binding } : {}),
      resource: resource.identifier,
      scopes,
      ...(alwaysAsk ? { alwaysAsk } : {}),
      ...(Object.keys(signIn).length > 0 ? { signIn } : {}),
    };
  }

  /** @throws OAuthError invalid_target, invalid_scope */
  async target(
    client: Client,
    parameters: Parameters,
  ): Promise<{ readonly resource: ProtectedResource; readonly scopes: readonly string[] }> {
    const resources = await this.by.resources.list();
    const { identifier: userinfo } = userinfoResource(this.by.issuer);
    const resource = requestedTarget(parameters, resources, this.by.defaultResource, userinfo);
    requireInvitedClient(client, resource);
    return { resource, scopes: grantableScopes(parameters, resource, resources, client, userinfo) };
  }
}
