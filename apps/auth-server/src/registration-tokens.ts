import { InitialAccessTokens } from '@gatehouse/authorization-server';
import { PgInitialAccessTokenStore, openDatabase } from '@gatehouse/persistence';
import { SystemClock } from '@gatehouse/protocol';
import { readDatabaseConfig } from './config.js';
import { parseTokensCommand } from './registration/tokens-command.js';
import { runTokens } from './registration/run-tokens.js';
import { runCommand } from './run-command.js';

/** The operator's command for initial access tokens; `npm run gatehouse -- registration-tokens …`. */
await runCommand(async () => {
  const command = parseTokensCommand(process.argv.slice(2));
  const { DATABASE_URL } = readDatabaseConfig();
  const database = await openDatabase({
    url: DATABASE_URL,
    poolSize: 1,
    applicationName: 'gatehouse-registration-tokens',
  });
  try {
    const initialAccessTokens = new PgInitialAccessTokenStore(database);
    const clock = new SystemClock();
    const output = await runTokens(command, new InitialAccessTokens({ clock, initialAccessTokens }), clock);
    process.stdout.write(`${output}\n`);
  } finally {
    await database.close();
  }
});
