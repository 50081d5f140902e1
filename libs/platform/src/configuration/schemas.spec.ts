import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import {
  connectionUrl,
  count,
  filePath,
  hostName,
  issuerUrl,
  logLevel,
  networks,
  onOff,
  originUrl,
  port,
  rateLimit,
  seconds,
  uriScheme,
} from './schemas.js';

function accepts(schema: z.ZodType, text: string): boolean {
  return schema.safeParse(text).success;
}

describe('settings', () => {
  it.each<[string, z.ZodType, readonly string[], readonly string[]]>([
    [
      'an issuer exactly as clients will compare it',
      issuerUrl,
      [
        'https://a.example',
        'https://a.example/t1',
        'http://127.0.0.1:4000',
        'http://[::1]:4000',
        'http://localhost:1/a/b',
      ],
      [
        '',
        'a.example',
        'https://a.example/',
        'https://a.example/t1/',
        'https://A.example',
        'HTTPS://a.example',
        'https://a.example:443',
        'https://a.example/?x',
        'https://a.example/t?',
        'https://a.example/#',
        'https://user@a.example',
        'https://a.example/a/../b',
        'https://a.example/%zz b',
        'https://bücher.example',
        'ftp://a.example',
        'javascript:alert(1)',
      ],
    ],
    [
      'an origin',
      originUrl,
      ['https://a.example', 'http://127.0.0.1:4100'],
      ['https://a.example/', 'https://a.example/mcp', 'null', 'https://a.example?x', 'https://user@a.example'],
    ],
    [
      'a connection',
      connectionUrl(['postgres', 'redis']),
      ['postgres://u:p@h:5432/d', 'redis://h'],
      ['mysql://h', 'postgres', 'h:5432', ''],
    ],
    ['a port', port, ['0', '1', '65535'], ['-1', '65536', '80a', '0x50', '1e3', ' ', '१२']],
    ['a count in its range', count({ min: 1, max: 9 }), ['1', '9'], ['0', '10', '1.5', '', '+1']],
    ['seconds', seconds(), ['1', '300'], ['0', '-1', '300s', '1e9', '99999999999']],
    ['a rate', rateLimit, ['10/900', '1/1'], ['10', '0/900', '10/0', '10/900/1', '10 / 900', '-1/5', '/']],
    [
      'a host',
      hostName,
      ['127.0.0.1', '::1', '0.0.0.0', 'localhost', 'host.internal'],
      ['', 'a:80', 'a b', 'http://a'],
    ],
    [
      'networks',
      networks,
      ['10.0.0.0/8', '10.0.0.1, ::1', 'fd00::/8', '2001:db8::1/128'],
      ['', '10.0.0.0/8,', '0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0', 'loopback', 'fe80::1%eth0', '10.0.0.0/8/8'],
    ],
    ['a scheme', uriScheme, ['com.example.app', 'cursor'], ['', 'Cursor', 'cursor:', '1a', 'a b']],
    ['a log level', logLevel, ['debug', 'info', 'warn', 'error', 'silent'], ['INFO', 'trace', '']],
    ['a switch', onOff, ['on', 'off'], ['true', '1', '']],
  ])('read %s and nothing else', (_, schema, good, bad) => {
    expect(good.filter((text) => !accepts(schema, text))).toEqual([]);
    expect(bad.filter((text) => accepts(schema, text))).toEqual([]);
  });

  it('read the path of a file that exists, and make it absolute', () => {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'));
    const path = join(folder, 'key.pem');
    writeFileSync(path, '');
    expect(filePath.parse(path)).toBe(path);
    expect(accepts(filePath, folder)).toBe(false);
    expect(accepts(filePath, join(folder, 'missing'))).toBe(false);
  });
});
