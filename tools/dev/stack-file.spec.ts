import { beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { occupy, type StackFile, stackFileOf, writeStackFile } from './stack-file.ts';
import { stackSecrets } from './secrets.ts';

const STACK: StackFile = {
  issuer: 'http://127.0.0.1:4000',
  resources: [],
  accounts: [],
  introspection: { endpoint: '', clientId: '', clientSecret: '', client_id: '', client_secret: '' },
  metrics: {},
  database: '',
  environment: {},
  pids: {},
};

describe('the folder of a stack', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'stack-file-'));
  });

  it('has a stack file for its owner only, which goes with the stack', () => {
    const vacate = occupy(dir);
    const file = writeStackFile(dir, STACK);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(STACK);
    vacate();
    expect(existsSync(stackFileOf(dir))).toBe(false);
  });

  it('is refused to a second stack while the first one runs', async () => {
    // Looks like a stack to who asks the system: its command line names tools/dev/.
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', 'tools/dev/start.ts']);
    await new Promise((resolve) => other.once('spawn', resolve));
    try {
      writeFileSync(join(dir, 'running'), String(other.pid));
      writeStackFile(dir, STACK);
      expect(() => occupy(dir)).toThrow(`process ${String(other.pid)}`);
      expect(existsSync(stackFileOf(dir))).toBe(true);
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('is taken over from a stack that died, and its stale file is removed', () => {
    // No process can have this number.
    writeFileSync(join(dir, 'running'), '4194305');
    writeStackFile(dir, STACK);
    const vacate = occupy(dir);
    expect(existsSync(stackFileOf(dir))).toBe(false);
    vacate();
  });

  it('keeps its secrets over a restart, different ones for everybody, for its owner only', () => {
    const first = stackSecrets(join(dir, 'secrets'));
    const second = stackSecrets(join(dir, 'secrets'));
    expect(second.password('anna')).toBe(first.password('anna'));
    expect(first.password('ben')).not.toBe(first.password('anna'));
    expect(first.password('anna')).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    expect(Buffer.from(readFileSync(first.keyEncryptionKeyFile, 'utf8').trim(), 'base64url')).toHaveLength(32);
    expect(statSync(first.keyEncryptionKeyFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'secrets')).mode & 0o777).toBe(0o700);
  });
});
