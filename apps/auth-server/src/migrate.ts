import { migrate } from '@gatehouse/persistence';
import { EventLogger } from '@gatehouse/platform';
import { readDatabaseConfig } from './config.js';
import { runCommand } from './run-command.js';

/** Brings the schema up to date and ends. Several may run at once. */
await runCommand(async () => {
  const { DATABASE_URL, LOG_LEVEL } = readDatabaseConfig();
  const logger = new EventLogger({ app: 'auth-server-migrate', level: LOG_LEVEL });
  logger.event('migrated', { migrations: await migrate(DATABASE_URL) });
});
