import { IDENTITY_SCOPES } from '@gatehouse/scopes';

/** What the metadata says to clients that want to know a person. @spec OpenID Connect Discovery §3 */
export interface OpenidMetadata {
  readonly userinfo_endpoint?: string;
  readonly claims_supported?: readonly string[];
  readonly subject_types_supported: readonly string[];
  readonly id_token_signing_alg_values_supported: readonly string[];
  readonly acr_values_supported: readonly string[];
  readonly claims_parameter_supported: false;
  readonly request_parameter_supported: false;
  /** Of any URI but that of a pushed request, which needs no leave. */
  readonly request_uri_parameter_supported: false;
}

const CLAIMS = [
  'sub',
  'iss',
  'aud',
  'exp',
  'iat',
  'auth_time',
  'nonce',
  'acr',
  'amr',
  'sid',
  'name',
  'preferred_username',
  'email',
  'email_verified',
];

/**
 * @param identity whether userinfo is there: an operator may disable it like any resource
 * @param levels of authentication that can be reached here
 */
export function openidMetadata(base: string, identity: boolean, levels: readonly string[]): OpenidMetadata {
  return {
    ...(identity ? { userinfo_endpoint: `${base}/userinfo`, claims_supported: CLAIMS } : {}),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    acr_values_supported: levels,
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  };
}

/** Beside those of the resources. */
export function offeredIdentityScopes(identity: boolean): readonly string[] {
  return identity ? IDENTITY_SCOPES : [];
}
