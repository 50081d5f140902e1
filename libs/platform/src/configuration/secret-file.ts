import { readFileSync, statSync } from 'node:fs';
import { ConfigurationError } from './configuration-error.js';

/**
 * The text of a file that holds a secret. A file that the group or everybody may read is refused, for then every other
 * process on the machine has the secret too.
 * @throws ConfigurationError naming the variable, never the content
 */
export function readSecretFile(variable: string, path: string): string {
  try {
    const { mode } = statSync(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new ConfigurationError([
        { variable, problem: 'names a file that others may read: allow only its owner (chmod 600)' },
      ]);
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    throw new ConfigurationError([{ variable, problem: 'names a file that cannot be read' }]);
  }
}
