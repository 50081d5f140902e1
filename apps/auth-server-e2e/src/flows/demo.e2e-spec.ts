import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ask, PageAgent, pause, readStack, stackFile, workspaceRoot } from '@gatehouse/test-kit';
import { anna } from './house.js';

const play = (environment: Record<string, string>, ...args: string[]) =>
  spawnSync(process.execPath, [join(workspaceRoot(), 'tools/dev/demo.ts'), ...args], {
    cwd: workspaceRoot(),
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  });

describe('npm run demo', () => {
  let output: string;
  let seconds: number;
  let status: number | null;

  beforeAll(() => {
    const began = performance.now();
    const result = play({ GATEHOUSE_STACK: stackFile() });
    seconds = (performance.now() - began) / 1000;
    output = result.stdout + result.stderr;
    status = result.status;
  }, 70_000);

  it('ends well within half a minute', () => {
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    expect(seconds).toBeLessThan(30);
  });

  it('tells every step, in order, one line each', () => {
    const told = output.split('\n').filter((line) => line.startsWith('✓'));
    const steps = [
      /call without a token: 401, .*scope invoices:read/,
      /protected resource metadata: authorization server http/,
      /authorization server metadata: .*S256/,
      /registration: this client is now /,
      /sign-in and consent in the browser: invoices:read granted/,
      /code, PKCE verifier and resource: .* scope invoices:read$/,
      /tools\/list: .*list_invoices/,
      /tools\/call list_invoices: 200, \d+ invoices, in protocol 2026-07-28/,
      /tools\/call create_invoice, a scope short: 403 insufficient_scope, it needs invoices:write/,
      /consent again, for more: scope is now .*invoices:write/,
      /tools\/call create_invoice again: 200, \S+ is written/,
      /refresh: .*rotated/,
      /revoke: /,
      /the refresh token afterwards: refused, invalid_grant/,
      /the access token afterwards: refused, 401 invalid_token/,
    ];
    expect(told).toHaveLength(steps.length);
    steps.forEach((step, index) => {
      expect(told[index]).toMatch(step);
    });
  });

  it('prints no token, code or password', () => {
    expect(output).not.toMatch(/gh[crsw]_|ey[A-Za-z0-9_-]{20}|code=|password/i);
  });

  it('says how to start the stack when none runs, and fails', () => {
    const { status: failed, stdout, stderr } = play({ GATEHOUSE_STACK: '/nowhere/stack.json' });
    expect(failed).toBe(1);
    expect(stderr).toContain('npm start');
    expect(stdout).not.toContain('✓');
  }, 30_000);

  it('stops at the step that did not happen, and fails', () => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-'));
    try {
      const file = join(folder, 'stack.json');
      const wrong = readStack().accounts.map((account) => ({ ...account, password: 'a wrong password' }));
      writeFileSync(file, JSON.stringify({ ...readStack(), accounts: wrong }), { mode: 0o600 });
      const { status: failed, stdout, stderr } = play({ GATEHOUSE_STACK: file });
      expect(failed).toBe(1);
      expect(stdout.match(/^✓/gm)).toHaveLength(4);
      expect(stderr).toMatch(/^✗ {2}5\. sign-in and consent in the browser: /);
      expect(stderr).not.toContain('a wrong password');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 40_000);

  it('waits for a person in their own browser with --browser', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-'));
    const asked = join(folder, 'asked');
    for (const command of ['xdg-open', 'open'])
      writeFileSync(join(folder, command), `#!/bin/sh\nprintf '%s\\n' "$1" >>'${asked}'\n`, { mode: 0o755 });
    const child = spawn(process.execPath, [join(workspaceRoot(), 'tools/dev/demo.ts'), '--browser'], {
      cwd: workspaceRoot(),
      env: { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, GATEHOUSE_STACK: stackFile() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const browser = new PageAgent();
    for (let visits = 0; visits < 2;) {
      const urls = existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n') : [];
      const next = urls[visits];
      if (next === undefined) {
        if (child.exitCode !== null) break;
        await pause(100);
        continue;
      }
      visits += 1;
      const { url } = await browser.authorize(next, { account: anna });
      expect((await ask(url)).status).toBe(200);
    }
    expect(await ended).toBe(0);
    expect(told.match(/^✓/gm)).toHaveLength(15);
    rmSync(folder, { recursive: true });
  }, 60_000);
});
