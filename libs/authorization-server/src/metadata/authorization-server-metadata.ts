import { DPOP_ALGORITHMS } from '@gatehouse/dpop';
import { DEVICE_CODE_GRANT, TOKEN_EXCHANGE_GRANT } from '../clients/client.js';
import type { ResourceIdentifier } from '@gatehouse/protocol';
import { offeredIdentityScopes, type OpenidMetadata, openidMetadata } from '../openid/openid-metadata.js';
import { type LogoutServerMetadata, logoutServerMetadata } from '../logout/logout-metadata.js';
import { CLIENT_ASSERTION_ALGORITHMS } from '../clients/public-keys.js';

/** @spec RFC 8414 §2 */
export interface AuthorizationServerMetadata extends OpenidMetadata, LogoutServerMetadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly registration_endpoint?: string;
  /** @spec RFC 9126 §5 */
  readonly pushed_authorization_request_endpoint: string;
  readonly require_pushed_authorization_requests: boolean;
  /** @spec RFC 8628 §4 */
  readonly device_authorization_endpoint?: string;
  readonly revocation_endpoint: string;
  readonly introspection_endpoint: string;
  readonly jwks_uri: string;
  readonly response_types_supported: readonly string[];
  readonly response_modes_supported: readonly string[];
  readonly grant_types_supported: readonly string[];
  readonly code_challenge_methods_supported: readonly string[];
  readonly token_endpoint_auth_methods_supported: readonly string[];
  readonly token_endpoint_auth_signing_alg_values_supported: readonly string[];
  readonly revocation_endpoint_auth_methods_supported: readonly string[];
  readonly revocation_endpoint_auth_signing_alg_values_supported: readonly string[];
  readonly introspection_endpoint_auth_methods_supported: readonly string[];
  /** @spec RFC 9701 §7 */
  readonly introspection_signing_alg_values_supported: readonly string[];
  readonly authorization_response_iss_parameter_supported: true;
  /** @spec draft-ietf-oauth-client-id-metadata-document §5 */
  readonly client_id_metadata_document_supported?: true;
  /** @spec RFC 9449 §5.1 */
  readonly dpop_signing_alg_values_supported: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly protected_resources?: readonly ResourceIdentifier[];
}

/**
 * The one document behind all well-known URLs of the issuer, so that the RFC 8414 and the OpenID one cannot differ.
 * Every URL is the configured issuer with a suffix: no header of a request has a say. Empty lists are left out.
 * @spec RFC 8414 §2, §3.2; OpenID Connect Discovery §3; RFC 9207 §3; RFC 9728 §4
 */
export function authorizationServerMetadata(input: {
  readonly issuer: string;
  /** Of the resources. */
  readonly scopes: readonly string[];
  readonly resources: readonly ResourceIdentifier[];
  /** Clients may ask who the person is. */
  readonly identity: boolean;
  /** Levels of authentication that can be reached. */
  readonly levels: readonly string[];
  /** Clients may come with a metadata document of their own. */
  readonly clientDocuments: boolean;
  /** Clients may register, if only with an initial access token. */
  readonly registration: boolean;
  readonly requirePushedRequests: boolean;
  readonly deviceAuthorization: boolean;
}): AuthorizationServerMetadata {
  const base = input.issuer.replace(/\/$/, '');
  const scopes = [...offeredIdentityScopes(input.identity), ...input.scopes];
  const secretMethods = ['client_secret_basic', 'client_secret_post'];
  const clientMethods = ['none', ...secretMethods, 'private_key_jwt'];
  return {
    issuer: input.issuer,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    ...(input.registration ? { registration_endpoint: `${base}/register` } : {}),
    pushed_authorization_request_endpoint: `${base}/par`,
    require_pushed_authorization_requests: input.requirePushedRequests,
    ...(input.deviceAuthorization ? { device_authorization_endpoint: `${base}/device_authorization` } : {}),
    revocation_endpoint: `${base}/revoke`,
    introspection_endpoint: `${base}/introspect`,
    jwks_uri: `${base}/jwks.json`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      TOKEN_EXCHANGE_GRANT,
      ...(input.deviceAuthorization ? [DEVICE_CODE_GRANT] : []),
    ],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: clientMethods,
    token_endpoint_auth_signing_alg_values_supported: CLIENT_ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: clientMethods,
    revocation_endpoint_auth_signing_alg_values_supported: CLIENT_ASSERTION_ALGORITHMS,
    introspection_endpoint_auth_methods_supported: secretMethods,
    introspection_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
    ...(input.clientDocuments ? { client_id_metadata_document_supported: true } : {}),
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    ...openidMetadata(base, input.identity, input.levels),
    ...logoutServerMetadata(base, input.identity),
    ...(scopes.length > 0 ? { scopes_supported: scopes } : {}),
    ...(input.resources.length > 0 ? { protected_resources: input.resources } : {}),
  };
}
