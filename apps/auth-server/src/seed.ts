import { text } from 'node:stream/consumers';
import { AesGcmKeyVault, Secrets } from '@gatehouse/authorization-server';
import { AccountRegistration } from '@gatehouse/identity';
import { readKeyEncryptionKeys } from '@gatehouse/key-file';
import { Argon2PasswordHasher } from '@gatehouse/password-hashing';
import { PgAccountStore, PgEntitlementStore, PgResourceStore, openDatabase } from '@gatehouse/persistence';
import { EventLogger } from '@gatehouse/platform';
import { SystemClock } from '@gatehouse/protocol';
import { readCommandConfig } from './config.js';
import { runCommand } from './run-command.js';
import { applySeed } from './seed/apply-seed.js';
import { parseSeedInput } from './seed/seed-input.js';

/** Reads JSON on standard input: secrets in arguments or the environment would show in the process list. */
await runCommand(async () => {
  const { ISSUER, DATABASE_URL, LOG_LEVEL, KEY_ENCRYPTION_KEY_FILE } = readCommandConfig();
  const logger = new EventLogger({ app: 'auth-server-seed', level: LOG_LEVEL });
  const input = parseSeedInput(await text(process.stdin), ISSUER);
  const vault = new AesGcmKeyVault(readKeyEncryptionKeys(KEY_ENCRYPTION_KEY_FILE));
  const database = await openDatabase({ url: DATABASE_URL, poolSize: 2, applicationName: 'gatehouse-seed' });
  try {
    const accounts = new PgAccountStore(database);
    const clock = new SystemClock();
    await applySeed(input, {
      resources: new PgResourceStore(database),
      accounts,
      registration: new AccountRegistration({ accounts, hasher: new Argon2PasswordHasher(), clock }),
      entitlements: new PgEntitlementStore(database),
      clock,
      secrets: new Secrets(vault),
    });
  } finally {
    await database.close();
  }
  logger.event('seeded', { resources: input.resources.length, accounts: input.accounts.length });
});
