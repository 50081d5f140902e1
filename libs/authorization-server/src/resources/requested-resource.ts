import { comparableResource, OAuthError, type Parameters } from '@gatehouse/protocol';

/**
 * The one `resource` of a request, in the form in which resources are compared. It may be repeated, but not differ:
 * an authorization, and so a token, is for one resource.
 * @throws OAuthError invalid_target
 * @spec RFC 8707 §2
 */
export function requestedResource(parameters: Parameters): string | undefined {
  const resources = new Set(
    parameters.getAll('resource').map((text) => {
      const comparable = comparableResource(text);
      if (comparable === undefined) throw new OAuthError('invalid_target', 'malformed_resource');
      return comparable;
    }),
  );
  if (resources.size > 1) throw new OAuthError('invalid_target', 'several_resources');
  return [...resources][0];
}
