import { openDatabase, PgAccountStore, PgFactorStore } from '@gatehouse/persistence';
import { SystemClock } from '@gatehouse/protocol';
import { runAccounts } from './accounts/accounts-command.js';
import { readDatabaseConfig } from './config.js';
import { runCommand } from './run-command.js';

/** The operator's command for accounts; `npm run gatehouse -- accounts …`, and beside the server in production. */
await runCommand(async () => {
  const { DATABASE_URL } = readDatabaseConfig();
  const database = await openDatabase({ url: DATABASE_URL, poolSize: 1, applicationName: 'gatehouse-accounts' });
  try {
    const output = await runAccounts(process.argv.slice(2), {
      accounts: new PgAccountStore(database),
      factors: new PgFactorStore(database),
      clock: new SystemClock(),
    });
    process.stdout.write(`${output}\n`);
  } finally {
    await database.close();
  }
});
