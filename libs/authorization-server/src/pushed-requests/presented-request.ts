import { OAuthError, Parameters, type TokenHash } from '@gatehouse/protocol';
import { pushedRequestId } from './pushed-request.js';
import type { PushedRequestStore } from './pushed-request.store.js';

export interface PresentedRequest {
  readonly parameters: Parameters;
  /** The pushed request that they come from; it is still unused. */
  readonly pushed?: TokenHash;
}

/**
 * The parameters that count. If the browser brings the name of a pushed request, those are the pushed ones and nothing
 * else: whatever stands beside the name came through the browser, where anybody could have changed it. Unknown, used,
 * expired and another client's are one answer, and it is a page: only the pushed parameters would say where to redirect.
 * @throws OAuthError invalid_request_uri
 * @spec RFC 9126 §4; RFC 9101 §5, §6.3
 */
export async function presentedRequest(
  store: PushedRequestStore,
  parameters: Parameters,
  now: Date,
): Promise<PresentedRequest> {
  const requestUri = parameters.get('request_uri');
  const pushed = requestUri === undefined ? undefined : pushedRequestId(requestUri);
  // A URI of somebody else's is refused by requirePlainRequest, like every request object.
  if (pushed === undefined) return { parameters };
  const clientId = parameters.require('client_id');
  const found = await store.find(pushed, now);
  if (!found) throw new OAuthError('invalid_request_uri', 'unknown_pushed_request');
  if (found.clientId !== clientId) throw new OAuthError('invalid_request_uri', 'pushed_request_of_other_client');
  return { parameters: new Parameters([['client_id', clientId], ...found.parameters]), pushed };
}
