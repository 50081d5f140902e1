import { comparableResource, OAuthError, type Parameters, type ResourceIdentifier } from '@gatehouse/protocol';
import { isIdentityScope } from '@gatehouse/scopes';
import { isOwnResource } from '../../resources/own-resources.js';
import type { ProtectedResource } from '../../resources/protected-resource.js';
import { requestedResource } from '../../resources/requested-resource.js';
import { requestedScopes } from '../../scopes/requested-scopes.js';

/**
 * The resource of this authorization. Four spellings may find it; what is kept is the registered one. A client that
 * names none gets the configured default, or the only one there is; one that wants nothing but to know the person is sent
 * to the place for that.
 * @spec RFC 8707 §2; OpenID Connect Core §3.1.2.1
 */
export function requestedTarget(
  parameters: Parameters,
  resources: readonly ProtectedResource[],
  defaultResource: ResourceIdentifier | undefined,
  userinfo?: ResourceIdentifier,
): ProtectedResource {
  const requested = requestedResource(parameters);
  if (requested === undefined) {
    const scopes = requestedScopes(parameters);
    const identity = scopes?.every(isIdentityScope) && resources.find(({ identifier }) => identifier === userinfo);
    return enabled(identity || defaultTarget(resources, defaultResource));
  }
  const resource = resources.find(({ identifier }) => comparableResource(identifier) === requested);
  if (!resource) throw new OAuthError('invalid_target', 'unknown_resource');
  return enabled(resource);
}

function enabled(resource: ProtectedResource): ProtectedResource {
  if (resource.disabledAt) throw new OAuthError('invalid_target', 'disabled_resource');
  return resource;
}

function defaultTarget(
  resources: readonly ProtectedResource[],
  defaultResource: ResourceIdentifier | undefined,
): ProtectedResource {
  const living = resources.filter((each) => each.disabledAt === undefined && !isOwnResource(each));
  const candidates =
    defaultResource === undefined ? living : living.filter(({ identifier }) => identifier === defaultResource);
  const [only, ...others] = candidates;
  if (!only || others.length > 0) throw new OAuthError('invalid_target', 'missing_resource');
  return only;
}
