import type { Client, ExchangeRule } from '@gatehouse/authorization-server';

/** One line a client. */
export function clientTable(clients: readonly Client[]): string {
  if (clients.length === 0) return 'no clients';
  const rows = [
    ['CLIENT', 'NAME', 'GRANTS', 'AUTHENTICATION', 'STATE'],
    ...clients.map(({ id, name, grantTypes, authMethod, disabledAt }) => [
      id,
      name,
      grantTypes.join(' '),
      authMethod,
      disabledAt ? 'disabled' : 'active',
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Everything about a client that is not secret, by the names of a declaration. */
export function clientDetails(client: Client): Readonly<Record<string, unknown>> {
  const { keys } = client;
  return {
    client_id: client.id,
    client_name: client.name,
    grant_types: client.grantTypes,
    token_endpoint_auth_method: client.authMethod,
    redirect_uris: client.redirectUris,
    application_type: client.applicationType,
    ...(client.clientUri === undefined ? {} : { client_uri: client.clientUri }),
    ...(client.scopes ? { scopes: client.scopes } : {}),
    ...(client.exchanges ? { exchanges: client.exchanges.map(exchangeDetails) } : {}),
    ...(keys && 'jwks' in keys ? { jwks: { keys: keys.jwks } } : {}),
    ...(keys && 'jwksUri' in keys ? { jwks_uri: keys.jwksUri } : {}),
    secrets: client.secrets.map(({ expiresAt }) => ({ expires_at: expiresAt?.toISOString() ?? null })),
    created_at: client.createdAt.toISOString(),
    disabled_at: client.disabledAt?.toISOString() ?? null,
  };
}

function exchangeDetails({ acceptsBoundTokens, ...rule }: ExchangeRule): Readonly<Record<string, unknown>> {
  return { ...rule, ...(acceptsBoundTokens ? { accepts_bound_tokens: true } : {}) };
}
