import { OAuthError, type Parameters } from '@gatehouse/protocol';

/**
 * A request object would say things this server does not read, and might contradict what it does read: refused, not
 * ignored. Neither are answers sent any other way than in the query.
 * @spec RFC 9101 §5; OpenID Connect Core §6.1, §6.2
 */
export function requirePlainRequest(parameters: Parameters): void {
  if (parameters.has('request')) throw new OAuthError('request_not_supported', 'unsupported_request_object');
  if (parameters.has('request_uri')) throw new OAuthError('request_uri_not_supported', 'unsupported_request_object');
  if ((parameters.get('response_mode') ?? 'query') !== 'query')
    throw new OAuthError('invalid_request', 'unsupported_response_mode');
}
