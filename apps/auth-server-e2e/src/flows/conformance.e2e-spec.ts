import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { stackFile, workspaceRoot } from '@gatehouse/test-kit';

describe('npm run conformance', () => {
  it('lets the official conformance program pass in both roles and both revisions', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(workspaceRoot(), 'tools/conformance/conformance.ts')],
      {
        cwd: workspaceRoot(),
        encoding: 'utf8',
        timeout: 280_000,
        env: { ...process.env, GATEHOUSE_STACK: stackFile() },
      },
    );
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
    expect(stdout).toMatch(/^✓ authorization server authorization-code-grant: /m);
    for (const revision of ['2025-11-25', '2026-07-28'])
      expect(stdout).toMatch(new RegExp(`^✓ ${revision} tools-list: `, 'm'));
    expect(stdout + stderr).not.toMatch(/ey[A-Za-z0-9_-]{20,}\./);
  }, 300_000);
});
