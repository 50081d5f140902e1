import { OAuthError, type Parameters, parseBasic } from '@gatehouse/protocol';

export interface AuthenticatedRequest {
  readonly parameters: Parameters;
  /** The Authorization header as it came. */
  readonly authorization?: string;
}

export interface PresentedCredentials {
  readonly id: string;
  readonly method: 'none' | 'client_secret_basic' | 'client_secret_post';
  readonly secret?: string;
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
  const assertion = parameters.has('client_assertion') || parameters.has('client_assertion_type');
  const methods = [authorization !== undefined, secret !== undefined, assertion].filter(Boolean).length;
  if (methods > 1) throw new OAuthError('invalid_request', 'two_client_auth_methods');

  if (basic) {
    if (id !== undefined && id !== basic.id) throw new OAuthError('invalid_request', 'two_client_auth_methods');
    return { ...basic, method: 'client_secret_basic', refusalStatus: 401 };
  }
  if (authorization !== undefined) throw new OAuthError('invalid_client', 'wrong_client_auth_method', { status: 401 });
  if (assertion) throw new OAuthError('invalid_client', 'wrong_client_auth_method', { status: 400 });
  if (id === undefined) throw new OAuthError('invalid_client', 'missing_parameter', { status: 400 });
  return secret === undefined
    ? { id, method: 'none', refusalStatus: 400 }
    : { id, method: 'client_secret_post', secret, refusalStatus: 400 };
}
