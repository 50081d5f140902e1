import { comparableResource, OAuthError, type Parameters, type RefusalReason } from '@gatehouse/protocol';
import { requestedResource } from '../resources/requested-resource.js';
import { requestedScopes } from '../scopes/requested-scopes.js';

/** @spec RFC 8693 §3 */
const TYPES = ['urn:ietf:params:oauth:token-type:access_token', 'urn:ietf:params:oauth:token-type:jwt'] as const;

/** Our access tokens are JWTs: both names are true of them. */
export type TokenType = (typeof TYPES)[number];

export interface ExchangeRequest {
  readonly subjectToken: string;
  readonly actorToken?: string;
  /** In the form in which resources are compared. */
  readonly target: string;
  readonly scopes?: readonly string[];
  readonly issuedTokenType: TokenType;
}

/**
 * What an exchange asks for. Every parameter that RFC 8693 knows is understood or refused; none is passed over, for one
 * that is could have been the one that made the request harmless.
 * @throws OAuthError invalid_request, invalid_target, invalid_scope
 * @spec RFC 8693 §2.1
 */
export function exchangeRequest(parameters: Parameters): ExchangeRequest {
  const subjectToken = parameters.require('subject_token');
  tokenType(parameters.require('subject_token_type'), 'unsupported_subject_token_type');
  const requested = parameters.get('requested_token_type');
  const scopes = requestedScopes(parameters);
  const actorToken = presentedActor(parameters);
  return {
    subjectToken,
    ...(actorToken === undefined ? {} : { actorToken }),
    target: requestedTarget(parameters),
    ...(scopes === undefined ? {} : { scopes }),
    issuedTokenType: requested === undefined ? TYPES[0] : tokenType(requested, 'unsupported_requested_token_type'),
  };
}

/** Both or neither: a token without its type could be taken for another kind, a type without its token for consent. */
function presentedActor(parameters: Parameters): string | undefined {
  const token = parameters.get('actor_token');
  const type = parameters.get('actor_token_type');
  if (token === undefined && type === undefined) return undefined;
  if (token === undefined || type === undefined) throw new OAuthError('invalid_request', 'unpaired_actor_token');
  tokenType(type, 'unsupported_actor_token_type');
  return token;
}

function tokenType(text: string, otherwise: RefusalReason): TokenType {
  const type = TYPES.find((known) => known === text);
  if (!type) throw new OAuthError('invalid_request', otherwise);
  return type;
}

/**
 * The one resource. `audience` is a name of the target where `resource` is its address; here a resource's identifier is
 * both, so they must agree. There is no default: a token says where it goes.
 * @spec RFC 8693 §2.1 (audience, resource), §2.2.2 (invalid_target)
 */
function requestedTarget(parameters: Parameters): string {
  const resource = requestedResource(parameters);
  const audiences = new Set(parameters.getAll('audience').map(comparable));
  if (resource !== undefined) audiences.add(resource);
  const [target, ...others] = audiences;
  if (others.length > 0) throw new OAuthError('invalid_target', 'several_resources');
  if (target === undefined) throw new OAuthError('invalid_target', 'missing_resource');
  return target;
}

function comparable(text: string): string {
  const audience = comparableResource(text);
  if (audience === undefined) throw new OAuthError('invalid_target', 'unknown_resource');
  return audience;
}
