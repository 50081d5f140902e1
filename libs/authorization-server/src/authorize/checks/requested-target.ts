import { comparableResource, OAuthError, type Parameters, type ResourceIdentifier } from '@gatehouse/protocol';
import { isOwnResource } from '../../resources/own-resources.js';
import type { ProtectedResource } from '../../resources/protected-resource.js';
import { requestedResource } from '../../resources/requested-resource.js';

/**
 * The resource of this authorization. Four spellings may find it; what is kept is the registered one. A client that
 * names none gets the configured default, or the only one there is.
 * @spec RFC 8707 §2
 */
export function requestedTarget(
  parameters: Parameters,
  resources: readonly ProtectedResource[],
  defaultResource: ResourceIdentifier | undefined,
): ProtectedResource {
  const requested = requestedResource(parameters);
  if (requested === undefined) return defaultTarget(resources, defaultResource);
  const resource = resources.find(({ identifier }) => comparableResource(identifier) === requested);
  if (!resource) throw new OAuthError('invalid_target', 'unknown_resource');
  if (resource.disabledAt) throw new OAuthError('invalid_target', 'disabled_resource');
  return resource;
}

function defaultTarget(
  resources: readonly ProtectedResource[],
  defaultResource: ResourceIdentifier | undefined,
): ProtectedResource {
  const enabled = resources.filter((each) => each.disabledAt === undefined && !isOwnResource(each));
  const candidates =
    defaultResource === undefined ? enabled : enabled.filter(({ identifier }) => identifier === defaultResource);
  const [only, ...others] = candidates;
  if (!only || others.length > 0) throw new OAuthError('invalid_target', 'missing_resource');
  return only;
}
