/** The official program as we call it: installed when it is first needed, run to its end, results read from its files. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKSPACE } from '../build/bundle.ts';
import type { Check } from './verdict.ts';

const FOLDER = join(WORKSPACE, 'tools/conformance');
const PACKAGE = join(FOLDER, 'node_modules/@modelcontextprotocol/conformance');
const PROGRAM = join(PACKAGE, 'dist/index.js');
const LIMIT = 180_000;

/** A tree of its own with its own lock file: fetched once, and again when the version changes. @throws Error */
export function install(): void {
  const manifest = (file: string) =>
    JSON.parse(readFileSync(file, 'utf8')) as { version: string; dependencies: Record<string, string> };
  const wanted = manifest(join(FOLDER, 'package.json')).dependencies['@modelcontextprotocol/conformance'];
  if (existsSync(PROGRAM) && manifest(join(PACKAGE, 'package.json')).version === wanted) return;
  const { status, stderr } = spawnSync(
    'npm',
    ['ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: FOLDER, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`npm ci in tools/conformance failed:\n${stderr}`);
}

/** Names of the scenarios that the program has. */
export async function scenariosFor(role: 'server' | 'authorization'): Promise<readonly string[]> {
  const output = await run(['list', `--${role}`]);
  return [...output.matchAll(/^ {2}- (\S+)/gm)].map(([, name = '']) => name);
}

/**
 * Runs with these arguments; the checks of each scenario. What the program says of the outcome is not asked: it knows
 * nothing of our table.
 */
export async function results(
  args: readonly string[],
  onOutput?: (output: string) => void,
): Promise<ReadonlyMap<string, readonly Check[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const output = await run([...args, '--output-dir', folder], onOutput);
    const found = new Map(
      readdirSync(folder).map((name) => {
        const scenario = /^(?:authorization-)?server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1] ?? name;
        return [scenario, JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')) as Check[]];
      }),
    );
    if (found.size === 0) throw new Error(`the conformance program ran nothing:\n${output.slice(-2000)}`);
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(args: readonly string[], onOutput?: (output: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        onOutput?.(output);
      });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(limit);
      if (code === null) reject(new Error(`the conformance program was stopped after ${String(LIMIT / 1000)} s`));
      else resolve(output);
    });
  });
}
