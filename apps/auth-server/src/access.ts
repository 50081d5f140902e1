import { userInfo } from 'node:os';
import { text } from 'node:stream/consumers';
import { openDatabase, PgAccessPolicyStore, PgClientStore, PgResourceStore } from '@gatehouse/persistence';
import { SystemClock } from '@gatehouse/protocol';
import { parseAccessCommand } from './access/access-command.js';
import { runAccess } from './access/run-access.js';
import { clientTrustOf, readAccessConfig } from './config.js';
import { runCommand } from './run-command.js';

/** The operator's command for the access policy; `npm run gatehouse -- access …`, and beside the server in production. */
await runCommand(async () => {
  const command = parseAccessCommand(process.argv.slice(2));
  const config = readAccessConfig();
  const database = await openDatabase({ url: config.DATABASE_URL, poolSize: 2, applicationName: 'gatehouse-access' });
  try {
    const { output, warnings } = await runAccess(command, {
      store: new PgAccessPolicyStore(database),
      resources: new PgResourceStore(database),
      clients: new PgClientStore(database),
      trust: clientTrustOf(config),
      clock: new SystemClock(),
      operator: userInfo().username,
      standardInput: () => text(process.stdin),
    });
    process.stdout.write(`${output}\n`);
    for (const warning of warnings) process.stderr.write(`${warning}\n`);
  } finally {
    await database.close();
  }
});
