import type { Client } from '@gatehouse/authorization-server';

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
