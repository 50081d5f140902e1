import { migrateQueue, queueTechnology } from '@gatehouse/jobs';
import { EventLogger, failureText } from '@gatehouse/platform';
import { queueUrlOf, readMigrationConfig } from './config.js';

/** Brings the queue's own tables up to date and ends. The rest of the schema is the authorization server's migrate. */
try {
  const config = readMigrationConfig();
  const url = queueUrlOf(config);
  await migrateQueue(url);
  new EventLogger({ app: 'worker-migrate', level: config.LOG_LEVEL }).event('migrated', {
    queue: queueTechnology(url),
  });
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`);
  process.exitCode = 1;
}
