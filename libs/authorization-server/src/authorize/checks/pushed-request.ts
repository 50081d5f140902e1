import { OAuthError } from '@gatehouse/protocol';
import type { Client } from '../../clients/client.js';
import type { ServerPolicy } from '../../server-policy.js';

/** Where the operator, or the client itself, wants requests to be pushed, a browser brings none of its own. @spec RFC 9126 §5, §6 */
export function requirePushedRequest(policy: ServerPolicy, client: Client, pushed: boolean): void {
  const required = policy.requirePushedRequests || client.requirePushedRequests === true;
  if (required && !pushed) throw new OAuthError('invalid_request', 'pushed_request_required');
}
