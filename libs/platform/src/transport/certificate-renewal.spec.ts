import { afterEach, describe, expect, it } from '@jest/globals';
import { selfSigned } from '@gatehouse/test-kit';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { EventLogger } from '../logger/event-logger.js';
import { followCertificates } from './certificate-renewal.js';
import { loadTls } from './transport.js';

describe('a renewed certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'renewal-'));
  const from = { tlsCertFile: join(folder, 'tls.pem'), tlsKeyFile: join(folder, 'tls-key.pem') };
  const put = (path: string, text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  let server: Server | undefined;
  let stop: (() => void) | undefined;
  const lines: string[] = [];

  afterEach(async () => {
    stop?.();
    server?.close();
    if (server) await once(server, 'close');
    rmSync(folder, { recursive: true, force: true });
  });

  async function connection(): Promise<TLSSocket> {
    const socket = connect({
      port: (server?.address() as AddressInfo).port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
    });
    await once(socket, 'secureConnect');
    return socket;
  }
  async function shown(): Promise<string> {
    const socket = await connection();
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  }
  async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
    for (let tries = 0; !(await condition()); tries += 1) {
      if (tries > 200) throw new Error('it never came');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('is shown to new connections, not before its key is there, and ends no old one', async () => {
    const [old, renewed] = [selfSigned(), selfSigned()];
    put(from.tlsCertFile, old.cert);
    put(from.tlsKeyFile, old.key);
    const tls = loadTls(from);
    if (!tls) throw new Error('no certificate');
    server = createServer(tls, (socket) => {
      socket.on('error', () => undefined).pipe(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    stop = followCertificates(server, tls, new EventLogger({ app: 'test', level: 'info', destination }), 10);
    const before = await shown();
    const kept = await connection();

    put(from.tlsCertFile, renewed.cert);
    await eventually(() => lines.some((line) => line.includes('certificate.unusable')));
    expect(await shown()).toBe(before);

    put(from.tlsKeyFile, renewed.key);
    await eventually(async () => (await shown()) !== before);
    expect(lines.filter((line) => line.includes('certificate.renewed'))).toHaveLength(1);
    expect(lines.join()).not.toContain('PRIVATE');

    kept.write('still here');
    const [echo] = (await once(kept, 'data')) as [Buffer];
    expect(echo.toString()).toBe('still here');
    kept.destroy();
  });
});
