import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort, ask, PageAgent, workspaceRoot } from '@gatehouse/test-kit';
import { anna, invoices } from './house.js';

const folder = join(workspaceRoot(), 'tools/interop');
const launcher = join(folder, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');

/** A folder with commands that would open a browser, and open none: the agent has read the URL already. */
function noBrowser(home: string): string {
  const folder = join(home, 'bin');
  mkdirSync(folder, { recursive: true });
  for (const command of ['xdg-open', 'open']) writeFileSync(join(folder, command), '#!/bin/sh\n', { mode: 0o755 });
  return folder;
}

/**
 * The Inspector's command line with its own OAuth: it prints the authorization URL, the agent visits it as the person
 * would, and the callback goes to the Inspector's real loopback listener.
 */
async function inspect(home: string, ...args: string[]) {
  const callbackPort = String(await freePort());
  const child = spawn(
    process.execPath,
    [
      launcher,
      '--cli',
      '--server-url',
      invoices,
      '--transport',
      'http',
      '--callback-url',
      `http://127.0.0.1:${callbackPort}/oauth/callback`,
      '--format',
      'json',
      ...args,
    ],
    {
      cwd: home,
      env: {
        PATH: `${noBrowser(home)}${delimiter}${process.env['PATH'] ?? ''}`,
        BROWSER: join(noBrowser(home), 'xdg-open'),
        HOME: home,
        MCP_STORAGE_DIR: join(home, 'storage'),
        // Without a terminal it asks nobody, unless it may open a browser.
        MCP_AUTO_OPEN_ENABLED: 'true',
        MCP_INSPECTOR_SECRET_STORE: 'file',
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  let err = '';
  const visited = new Map<string, Promise<unknown>>();
  const browser = new PageAgent();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    for (const [, url = ''] of err.matchAll(/navigate to: (http\S+)\s/g))
      if (!visited.has(url))
        visited.set(
          url,
          browser
            .authorize(url, { account: anna })
            .then((callback) => ask(callback.url))
            .catch((error: unknown) => {
              err += `\n${String(error)}`;
              child.kill();
            }),
        );
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  await Promise.all(visited.values());
  return { code, out, err, visits: [...visited.keys()] };
}

describe("the Inspector's command line", () => {
  const home = mkdtempSync(join(tmpdir(), 'inspector-'));

  beforeAll(() => {
    if (existsSync(launcher)) return;
    // A tree of its own with its own lock file, fetched when it is first needed.
    const installed = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (installed.status !== 0) throw new Error(`npm ci in tools/interop failed:\n${installed.stderr}`);
  }, 240_000);
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it.each(['legacy', 'modern'])(
    'signs in and lists the tools (%s revision)',
    async (era) => {
      const { code, out, err } = await inspect(
        mkdtempSync(join(home, era)),
        '--protocol-era',
        era,
        '--method',
        'tools/list',
      );
      expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
      expect(out).toContain('list_invoices');
      expect(out + err).not.toMatch(/ey[A-Za-z0-9_-]{20,}\./);
    },
    60_000,
  );

  it('calls a tool, asking the person only once', async () => {
    const own = mkdtempSync(join(home, 'call'));
    const call = ['--method', 'tools/call', '--tool-name', 'list_invoices', '--protocol-era', 'modern'];
    const first = await inspect(own, ...call);
    expect({ code: first.code, err: first.code === 0 ? '' : first.err }).toEqual({ code: 0, err: '' });
    const second = await inspect(own, ...call);
    expect(second.code).toBe(0);
    expect(second.visits).toEqual([]);
  }, 60_000);
});
