import { type ClientId, secondsSinceEpoch } from '@gatehouse/protocol';
import type { JWK } from 'jose';
import type { Client, ClientAuthMethod, GrantType } from '../clients/client.js';
import { logoutMetadata } from '../logout/logout-terms.js';

/** What was registered, which may be less than what was asked. @spec RFC 7591 §3.2.1; RFC 7592 §3 */
export interface ClientInformation {
  readonly client_id: ClientId;
  readonly client_id_issued_at: number;
  /** Only in the answer to the request that made it: what is stored cannot be shown again. */
  readonly client_secret?: string;
  /** 0: never. Present exactly with a secret. */
  readonly client_secret_expires_at?: number;
  /** Both or none: of a client that nobody manages there is nothing to read. */
  readonly registration_access_token?: string;
  readonly registration_client_uri?: string;
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method: ClientAuthMethod;
  readonly jwks?: { readonly keys: readonly JWK[] };
  readonly jwks_uri?: string;
  readonly dpop_bound_access_tokens?: true;
  readonly grant_types: readonly GrantType[];
  readonly response_types: readonly 'code'[];
  readonly application_type: 'web' | 'native';
  readonly client_name: string;
  readonly post_logout_redirect_uris?: readonly string[];
  readonly backchannel_logout_uri?: string;
  readonly backchannel_logout_session_required?: boolean;
  readonly client_uri?: string;
  readonly require_pushed_authorization_requests?: true;
  readonly token_endpoint_auth_signing_alg?: string;
  /** The one there is, whatever was asked: a client that expects another learns it now. @spec OpenID Connect Dynamic Client Registration §2 */
  readonly id_token_signed_response_alg: 'ES256';
  readonly software_id?: string;
  readonly software_version?: string;
}

export function clientInformation(
  client: Client,
  shown: {
    readonly issuer: string;
    readonly secret?: string | undefined;
    readonly managementToken?: string | undefined;
  },
): ClientInformation {
  const { secret, managementToken } = shown;
  return {
    client_id: client.id,
    client_id_issued_at: secondsSinceEpoch(client.createdAt),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    ...(managementToken === undefined
      ? {}
      : {
          registration_access_token: managementToken,
          registration_client_uri: `${shown.issuer.replace(/\/$/, '')}/register/${client.id}`,
        }),
    redirect_uris: client.redirectUris,
    token_endpoint_auth_method: client.authMethod,
    ...keyMembers(client),
    ...(client.dpopBoundAccessTokens ? { dpop_bound_access_tokens: true } : {}),
    grant_types: client.grantTypes,
    response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
    application_type: client.applicationType,
    client_name: client.name,
    ...logoutMetadata(client),
    ...(client.clientUri === undefined ? {} : { client_uri: client.clientUri }),
    ...(client.requirePushedRequests ? { require_pushed_authorization_requests: true } : {}),
    ...(client.assertionAlgorithm === undefined ? {} : { token_endpoint_auth_signing_alg: client.assertionAlgorithm }),
    id_token_signed_response_alg: 'ES256',
    ...(client.softwareId === undefined ? {} : { software_id: client.softwareId }),
    ...(client.softwareVersion === undefined ? {} : { software_version: client.softwareVersion }),
  };
}

function keyMembers({ keys }: Client): Pick<ClientInformation, 'jwks' | 'jwks_uri'> {
  if (keys === undefined) return {};
  return 'jwks' in keys ? { jwks: { keys: keys.jwks } } : { jwks_uri: keys.jwksUri };
}
