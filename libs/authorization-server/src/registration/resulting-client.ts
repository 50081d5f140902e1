import { OAuthError, redirectProblem } from '@gatehouse/protocol';
import { carriesResponseParameter } from '../authorize/authorization-response.js';
import { type Client, type ClientAuthMethod, DEVICE_CODE_GRANT, type GrantType } from '../clients/client.js';
import { logoutTerms, type LogoutTerms, postLogoutProblem } from '../logout/logout-terms.js';
import type { ServerPolicy } from '../server-policy.js';
import { canSignWith } from '../clients/public-keys.js';
import { applicationType } from './application-type.js';
import { type ClientMetadata, parseClientMetadata } from './client-metadata.js';

/** What a client says of itself. Everything else of a Client is ours, and nothing that comes in a request can be it. */
export type OwnWords = Pick<
  Client,
  | 'name'
  | 'applicationType'
  | 'redirectUris'
  | 'grantTypes'
  | 'authMethod'
  | 'keys'
  | 'requirePushedRequests'
  | 'assertionAlgorithm'
  | 'dpopBoundAccessTokens'
  | 'clientUri'
  | 'softwareId'
  | 'softwareVersion'
  | keyof LogoutTerms
>;

type RegistrationPolicy = Pick<ServerPolicy, 'redirectSchemes' | 'deviceAuthorization'>;

/** The ways in which a person is asked: without one of them a client has nothing to ask for. */
const ASKING_GRANTS: readonly GrantType[] = ['authorization_code', DEVICE_CODE_GRANT];
const SUPPORTED_GRANTS: readonly GrantType[] = [...ASKING_GRANTS, 'refresh_token'];

/**
 * The one judge of what a client may become, at creation and at every change alike: it sees the whole result, with all
 * defaults in it, never the difference. What is not supported falls away, what makes no sense is refused.
 * @param body parsed JSON, of whatever shape
 * @throws OAuthError invalid_redirect_uri, invalid_client_metadata
 * @spec RFC 7591 §2; RFC 7592 §2.2
 */
export function resultingClient(body: unknown, policy: RegistrationPolicy): OwnWords {
  const metadata = parseClientMetadata(body);
  const grants = grantTypes(metadata, policy);
  const redirectUris = acceptableRedirectUris(metadata, grants, policy);
  const { client_uri, software_id, software_version } = metadata;
  return {
    name: metadata.client_name ?? 'Unnamed client',
    applicationType: applicationType(metadata.application_type, redirectUris),
    redirectUris,
    grantTypes: grants,
    authMethod: metadata.token_endpoint_auth_method,
    ...(metadata.keys ? { keys: metadata.keys } : {}),
    ...(metadata.require_pushed_authorization_requests ? { requirePushedRequests: true } : {}),
    ...assertionAlgorithm(metadata),
    ...acceptableLogoutTerms(metadata, policy),
    ...(metadata.dpop_bound_access_tokens ? { dpopBoundAccessTokens: true } : {}),
    ...(isShowable(client_uri) ? { clientUri: client_uri } : {}),
    ...(software_id === undefined ? {} : { softwareId: software_id }),
    ...(software_version === undefined ? {} : { softwareVersion: software_version }),
  };
}

/** Of a client that does not sign it says nothing. @spec OpenID Connect Dynamic Client Registration §2 */
function assertionAlgorithm(metadata: ClientMetadata): Pick<Client, 'assertionAlgorithm'> {
  const { token_endpoint_auth_signing_alg: algorithm, keys } = metadata;
  if (algorithm === undefined || keys === undefined) return {};
  if (!canSignWith(keys, algorithm)) throw new OAuthError('invalid_client_metadata', 'invalid_client_metadata');
  return { assertionAlgorithm: algorithm };
}

export function hasSecret(method: ClientAuthMethod): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post';
}

function acceptableRedirectUris(
  { redirect_uris }: ClientMetadata,
  grants: readonly GrantType[],
  { redirectSchemes }: RegistrationPolicy,
): readonly string[] {
  // Only a device's answers go nowhere. @spec RFC 7591 §2
  if ((redirect_uris ?? []).length === 0) {
    if (!grants.includes('authorization_code')) return [];
    throw new OAuthError('invalid_redirect_uri', redirect_uris ? 'invalid_redirect_uri' : 'missing_redirect_uri');
  }
  for (const uri of redirect_uris ?? []) {
    const problem = redirectProblem(uri, redirectSchemes);
    if (problem) throw new OAuthError('invalid_redirect_uri', problem);
    if (carriesResponseParameter(uri)) throw new OAuthError('invalid_redirect_uri', 'invalid_redirect_uri');
  }
  return [...new Set(redirect_uris)];
}

/** @spec OpenID Connect RP-Initiated Logout 1.0 §3.1; OpenID Connect Back-Channel Logout 1.0 §2.2 */
function acceptableLogoutTerms(metadata: ClientMetadata, { redirectSchemes }: RegistrationPolicy): LogoutTerms {
  for (const uri of metadata.post_logout_redirect_uris ?? []) {
    const problem = postLogoutProblem(uri, redirectSchemes);
    // Not invalid_redirect_uri: that would be said of `redirect_uris`.
    if (problem) throw new OAuthError('invalid_client_metadata', problem);
  }
  return logoutTerms(metadata);
}

/** Real clients list more than they need: what is not offered here falls away, as long as a way to ask is left. */
function grantTypes(
  { grant_types, response_types }: ClientMetadata,
  { deviceAuthorization }: RegistrationPolicy,
): readonly GrantType[] {
  const granted = SUPPORTED_GRANTS.filter(
    (type) => grant_types.includes(type) && (deviceAuthorization || type !== DEVICE_CODE_GRANT),
  );
  const asksByCode = granted.includes('authorization_code');
  if (!granted.some((type) => ASKING_GRANTS.includes(type)) || (asksByCode && !response_types.includes('code')))
    throw new OAuthError('invalid_client_metadata', 'invalid_client_metadata');
  return granted;
}

/** Shown as the client's own words, never fetched; what is not a plain https URL is left out. */
function isShowable(uri: string | undefined): uri is string {
  return uri !== undefined && /^https:\/\/[\x21-\x7e]{1,500}$/.test(uri) && URL.canParse(uri);
}
