import { OAuthError } from '@gatehouse/protocol';
import type { ServerPolicy } from '../../server-policy.js';

/** Where the operator wants requests to be pushed, a browser brings none of its own. @spec RFC 9126 §5 */
export function requirePushedRequest({ requirePushedRequests }: ServerPolicy, pushed: boolean): void {
  if (requirePushedRequests && !pushed) throw new OAuthError('invalid_request', 'pushed_request_required');
}
