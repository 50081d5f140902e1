/** The deployment of docker/compose.yaml as seen from this machine: where it is, whom to trust, how its names resolve. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE } from '../build/bundle.ts';

const FOLDER = join(WORKSPACE, '.gatehouse/compose');
const COMPOSE_FILE = join(WORKSPACE, 'docker/compose.yaml');

/** Runs `docker compose …` of the deployment; resolves with what it wrote. @throws Error with its words when it fails */
export function compose(args: readonly string[]): string {
  return execFileSync('docker', ['compose', '-f', COMPOSE_FILE, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { DEMO_ACCOUNTS: 'on', ...process.env },
  });
}

/** Runs a program of this workspace with the deployment's stack file, its authority and its names. @returns the exit code */
export async function runAgainstCompose(program: readonly string[]): Promise<number> {
  const { authority, ...stack } = JSON.parse(compose(['run', '--rm', '-T', '--no-deps', 'setup', 'describe'])) as {
    readonly authority: string;
  };
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  const [stackFile, authorityFile] = [join(FOLDER, 'stack.json'), join(FOLDER, 'ca.pem')];
  writeFileSync(stackFile, JSON.stringify(stack, null, 2), { mode: 0o600 });
  writeFileSync(authorityFile, authority);
  const names = join(WORKSPACE, 'tools/dev/localhost-names.ts');
  const child = spawn(process.execPath, ['--import', names, ...program], {
    stdio: 'inherit',
    env: { ...process.env, GATEHOUSE_STACK: stackFile, NODE_EXTRA_CA_CERTS: authorityFile },
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
