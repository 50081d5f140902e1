/**
 * `npm run gatehouse -- clients …`, `… access …`, `… registration-tokens …`: the operator's commands, against the running stack, or, where DATABASE_URL and
 * KEY_ENCRYPTION_KEY_FILE are set, against what they name. In production the same command lies beside the server:
 * `node dist/apps/auth-server/clients.js …`.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE } from '../build/bundle.ts';
import { entryOf } from './applications.ts';
import { buildStale } from './builds.ts';
import { type StackFile, stackFileOf } from './stack-file.ts';

const COMMANDS = ['clients', 'registration-tokens', 'access', 'providers', 'accounts'];

function environment(): NodeJS.ProcessEnv {
  const { DATABASE_URL, KEY_ENCRYPTION_KEY_FILE } = process.env;
  if (DATABASE_URL && KEY_ENCRYPTION_KEY_FILE) return process.env;
  const file = process.env['GATEHOUSE_STACK'] ?? stackFileOf(join(WORKSPACE, '.gatehouse'));
  try {
    const stack = JSON.parse(readFileSync(file, 'utf8')) as StackFile;
    return { ...process.env, ...stack.environment['auth-server'] };
  } catch (cause) {
    throw new Error('No stack runs here: npm start, or set DATABASE_URL and KEY_ENCRYPTION_KEY_FILE', { cause });
  }
}

async function main([command, ...args]: readonly string[]): Promise<number> {
  if (command === undefined || !COMMANDS.includes(command))
    throw new Error(`usage: npm run gatehouse -- ${COMMANDS.join('|')} …`);
  const env = environment();
  await buildStale(['auth-server']);
  const child = spawn(process.execPath, ['--enable-source-maps', entryOf('auth-server', command), ...args], {
    // Files are named from where the person stands, not from where npm goes.
    cwd: process.env['INIT_CWD'] ?? process.cwd(),
    env,
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
