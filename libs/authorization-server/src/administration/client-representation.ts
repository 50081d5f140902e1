import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Client } from '../clients/client.js';
import type { ExchangeRule } from '../exchange/exchange-rule.js';

/*
 * A client as it is shown to operators, by the command and by the administration API: everything about it that is not
 * secret, by the names of a declaration. The schema is the contract of the API, and what its description is made from.
 */

const time = z.iso.datetime();

export const clientRepresentation = z.object({
  client_id: z.string(),
  origin: z.enum(['pre-registered', 'dynamic', 'metadata-document']),
  client_name: z.string(),
  grant_types: z.array(z.string()),
  token_endpoint_auth_method: z.string(),
  token_endpoint_auth_signing_alg: z.string().optional(),
  redirect_uris: z.array(z.string()),
  application_type: z.enum(['web', 'native']),
  client_uri: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  exchanges: z.array(z.looseObject({})).optional(),
  require_pushed_authorization_requests: z.literal(true).optional(),
  dpop_bound_access_tokens: z.literal(true).optional(),
  post_logout_redirect_uris: z.array(z.string()).optional(),
  backchannel_logout_uri: z.string().optional(),
  backchannel_logout_session_required: z.boolean().optional(),
  jwks: z.object({ keys: z.array(z.looseObject({})) }).optional(),
  jwks_uri: z.string().optional(),
  software_id: z.string().optional(),
  software_version: z.string().optional(),
  secrets: z.array(z.object({ expires_at: time.nullable() })).describe('Newest first; the secrets are not stored'),
  created_at: time,
  disabled_at: time.nullable(),
});

export type ClientRepresentation = z.input<typeof clientRepresentation>;

export function representation(client: Client): ClientRepresentation {
  const { keys } = client;
  return {
    client_id: client.id,
    origin: client.origin,
    client_name: client.name,
    grant_types: [...client.grantTypes],
    token_endpoint_auth_method: client.authMethod,
    ...present('token_endpoint_auth_signing_alg', client.assertionAlgorithm),
    redirect_uris: [...client.redirectUris],
    application_type: client.applicationType,
    ...present('client_uri', client.clientUri),
    ...present('scopes', client.scopes && [...client.scopes]),
    ...present('exchanges', client.exchanges?.map(exchangeDetails)),
    ...present('require_pushed_authorization_requests', client.requirePushedRequests),
    ...present('dpop_bound_access_tokens', client.dpopBoundAccessTokens),
    ...present('dpop_bound_access_tokens', client.dpopBoundAccessTokens),
    ...present('post_logout_redirect_uris', client.postLogoutRedirectUris && [...client.postLogoutRedirectUris]),
    ...present('backchannel_logout_uri', client.backchannelLogoutUri),
    ...present('backchannel_logout_session_required', client.backchannelLogoutSessionRequired),
    ...(keys && 'jwks' in keys ? { jwks: { keys: keys.jwks.map((key) => ({ ...key })) } } : {}),
    ...(keys && 'jwksUri' in keys ? { jwks_uri: keys.jwksUri } : {}),
    ...present('software_id', client.softwareId),
    ...present('software_version', client.softwareVersion),
    secrets: client.secrets.map(({ expiresAt }) => ({ expires_at: expiresAt?.toISOString() ?? null })),
    created_at: client.createdAt.toISOString(),
    disabled_at: client.disabledAt?.toISOString() ?? null,
  };
}

/** Another one for every change that an operator could see, or make: a strong entity tag. @spec RFC 9110 §8.8.3 */
export function versionOf(client: Client): string {
  const secrets = client.secrets.map((secret) => secret.hash);
  return `"${hash('sha256', JSON.stringify([representation(client), secrets]), 'base64url').slice(0, 22)}"`;
}

function exchangeDetails({ acceptsBoundTokens, ...rule }: ExchangeRule): Record<string, unknown> {
  return { ...rule, ...(acceptsBoundTokens ? { accepts_bound_tokens: true } : {}) };
}

function present<Name extends string, Value>(name: Name, value: Value | undefined): { [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [name in Name]?: Value });
}
