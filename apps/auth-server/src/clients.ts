import { text } from 'node:stream/consumers';
import { AesGcmKeyVault, PreRegistration, Secrets } from '@gatehouse/authorization-server';
import { readKeyEncryptionKeys } from '@gatehouse/key-file';
import { PgPreRegistrationStore, PgResourceStore, openDatabase } from '@gatehouse/persistence';
import { SystemClock } from '@gatehouse/protocol';
import { parseClientsCommand } from './clients/clients-command.js';
import { runClients } from './clients/run-clients.js';
import { readCommandConfig } from './config.js';
import { runCommand } from './run-command.js';

/** The operator's command for clients; `npm run gatehouse -- clients …`, and beside the server in production. */
await runCommand(async () => {
  const command = parseClientsCommand(process.argv.slice(2));
  const { DATABASE_URL, KEY_ENCRYPTION_KEY_FILE, REDIRECT_SCHEMES: redirectSchemes = [] } = readCommandConfig();
  const secrets = new Secrets(new AesGcmKeyVault(readKeyEncryptionKeys(KEY_ENCRYPTION_KEY_FILE)));
  const database = await openDatabase({ url: DATABASE_URL, poolSize: 2, applicationName: 'gatehouse-clients' });
  try {
    const { output, warnings, succeeded } = await runClients(command, {
      operator: new PreRegistration({
        policy: { redirectSchemes },
        clock: new SystemClock(),
        store: new PgPreRegistrationStore(database),
        secrets,
      }),
      resources: new PgResourceStore(database),
      redirectSchemes,
      standardInput: () => text(process.stdin),
    });
    process.stdout.write(`${output}\n`);
    for (const warning of warnings) process.stderr.write(`${warning}\n`);
    if (!succeeded) process.exitCode = 1;
  } finally {
    await database.close();
  }
});
