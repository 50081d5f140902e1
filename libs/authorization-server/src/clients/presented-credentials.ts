import { OAuthError, type Parameters, parseBasic } from '@gatehouse/protocol';
import { assertionSubject, CLIENT_ASSERTION_TYPE } from './client-assertion.js';
import type { ClientAuthMethod } from './client.js';

export interface AuthenticatedRequest {
  readonly parameters: Parameters;
  /** The Authorization header as it came. */
  readonly authorization?: string;
  /** The values of the DPoP headers, one a line. */
  readonly proofs?: readonly string[];
}

export interface PresentedCredentials {
  readonly id: string;
  readonly method: ClientAuthMethod;
  readonly secret?: string;
  readonly assertion?: string;
  /** 401 with a challenge is for those who used the header. @spec OAuth 2.1 §3.2.4 */
  readonly refusalStatus: 400 | 401;
}

/**
 * The one way in which a caller authenticates itself. Two at once are refused, for else it would be up to us which one
 * counts, and a proxy before us might have looked at the other.
 * @throws OAuthError invalid_request, invalid_client
 * @spec OAuth 2.1 §2.4, §2.4.1
 */
export function presentedCredentials({ parameters, authorization }: AuthenticatedRequest): PresentedCredentials {
  const basic = parseBasic(authorization);
  const id = parameters.get('client_id');
  const secret = parameters.get('client_secret');
  const asserted = parameters.has('client_assertion') || parameters.has('client_assertion_type');
  const methods = [authorization !== undefined, secret !== undefined, asserted].filter(Boolean).length;
  if (methods > 1) throw new OAuthError('invalid_request', 'two_client_auth_methods');

  if (basic) {
    if (id !== undefined && id !== basic.id) throw new OAuthError('invalid_request', 'two_client_auth_methods');
    return { ...basic, method: 'client_secret_basic', refusalStatus: 401 };
  }
  if (authorization !== undefined) throw new OAuthError('invalid_client', 'wrong_client_auth_method', { status: 401 });
  if (asserted) return presentedAssertion(parameters);
  if (id === undefined) throw new OAuthError('invalid_client', 'missing_parameter', { status: 400 });
  return secret === undefined
    ? { id, method: 'none', refusalStatus: 400 }
    : { id, method: 'client_secret_post', secret, refusalStatus: 400 };
}

/** The assertion says whose it is; a `client_id` beside it must name the same client. @spec RFC 7521 §4.2 */
function presentedAssertion(parameters: Parameters): PresentedCredentials {
  if (parameters.get('client_assertion_type') !== CLIENT_ASSERTION_TYPE)
    throw new OAuthError('invalid_client', 'wrong_client_auth_method', { status: 400 });
  const assertion = parameters.require('client_assertion');
  const subject = assertionSubject(assertion);
  if (subject === undefined) throw new OAuthError('invalid_client', 'malformed_client_assertion', { status: 400 });
  if ((parameters.get('client_id') ?? subject) !== subject)
    throw new OAuthError('invalid_client', 'client_assertion_of_other_client', { status: 400 });
  return { id: subject, method: 'private_key_jwt', assertion, refusalStatus: 400 };
}
