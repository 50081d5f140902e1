import { text } from 'node:stream/consumers';
import { AesGcmKeyVault } from '@gatehouse/authorization-server';
import { ProviderRegistry } from '@gatehouse/identity';
import { readKeyEncryptionKeys } from '@gatehouse/key-file';
import { openDatabase, PgAccountStore, PgIdentityProviderStore, PgUsedAssertionStore } from '@gatehouse/persistence';
import { SystemClock } from '@gatehouse/protocol';
import { readCommandConfig } from './config.js';
import { parseProvidersCommand } from './providers/providers-command.js';
import { runProviders } from './providers/run-providers.js';
import { runCommand } from './run-command.js';
import { connectorsFor } from './sso/connectors.js';

/** The operator's command for identity providers; `npm run gatehouse -- providers …`. The server sees what it does within seconds. */
await runCommand(async () => {
  const command = parseProvidersCommand(process.argv.slice(2));
  const config = readCommandConfig();
  const vault = new AesGcmKeyVault(readKeyEncryptionKeys(config.KEY_ENCRYPTION_KEY_FILE));
  const database = await openDatabase({
    url: config.DATABASE_URL,
    poolSize: 2,
    applicationName: 'gatehouse-providers',
  });
  try {
    const clock = new SystemClock();
    const store = new PgIdentityProviderStore(database);
    const { output, succeeded } = await runProviders(command, {
      registry: new ProviderRegistry({
        store,
        connectors: connectorsFor(config, clock, new PgUsedAssertionStore(database)),
        vault,
        clock,
      }),
      accounts: new PgAccountStore(database),
      clock,
      standardInput: () => text(process.stdin),
    });
    process.stdout.write(`${output}\n`);
    if (!succeeded) process.exitCode = 1;
  } finally {
    await database.close();
  }
});
