import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { selfSigned } from '@gatehouse/test-kit';
import { type TransportSettings, loadTls, transportProblems } from './transport.js';

const files = { tlsCertFile: '/cert.pem', tlsKeyFile: '/key.pem' };

function variablesWrong(settings: Partial<TransportSettings>): readonly string[] {
  return transportProblems(settings, { publicUrl: 'ISSUER' }).map(({ variable }) => variable);
}

describe('transportProblems', () => {
  it.each<[string, Partial<TransportSettings>]>([
    ['plain HTTP on loopback', { publicUrl: 'http://127.0.0.1:4000', host: '127.0.0.1' }],
    ['plain HTTP on IPv6 loopback', { publicUrl: 'http://[::1]:4000', host: '::1' }],
    ['plain HTTP on localhost', { publicUrl: 'http://localhost:4000', host: '127.0.0.1' }],
    ['HTTPS with own files', { publicUrl: 'https://a.example', host: '0.0.0.0', ...files }],
    [
      'HTTPS that ends at a declared proxy',
      { publicUrl: 'https://a.example', host: '0.0.0.0', trustedProxies: ['10.0.0.1'] },
    ],
    ['HTTPS on loopback with own files', { publicUrl: 'https://localhost:4000', host: '127.0.0.1', ...files }],
    ['settings that are not readable themselves', {}],
  ])('lets %s start', (_, settings) => {
    expect(variablesWrong(settings)).toEqual([]);
  });

  it.each<[string, Partial<TransportSettings>, readonly string[]]>([
    ['plain HTTP under a public name', { publicUrl: 'http://a.example', host: '127.0.0.1' }, ['ISSUER']],
    ['plain HTTP under a private address', { publicUrl: 'http://192.168.1.5:4000', host: '127.0.0.1' }, ['ISSUER']],
    ['plain HTTP on all interfaces', { publicUrl: 'http://127.0.0.1:4000', host: '0.0.0.0' }, ['HOST']],
    [
      'plain HTTP under a name like loopback',
      { publicUrl: 'http://127.0.0.1.example', host: '::' },
      ['ISSUER', 'HOST'],
    ],
    [
      'plain HTTP behind a declared proxy',
      { publicUrl: 'http://a.example', host: '127.0.0.1', trustedProxies: ['10.0.0.1'] },
      ['ISSUER'],
    ],
    ['HTTPS that nobody speaks', { publicUrl: 'https://a.example', host: '127.0.0.1', trustedProxies: [] }, ['ISSUER']],
    ['HTTPS on loopback that nobody speaks', { publicUrl: 'https://localhost', host: '127.0.0.1' }, ['ISSUER']],
    ['a certificate without key', { publicUrl: 'https://a.example', host: '::', tlsCertFile: '/c' }, ['TLS_KEY_FILE']],
    ['a key without certificate', { publicUrl: 'https://a.example', host: '::', tlsKeyFile: '/k' }, ['TLS_CERT_FILE']],
    ['an http issuer on a TLS listener', { publicUrl: 'http://localhost', host: '127.0.0.1', ...files }, ['ISSUER']],
  ])('refuses %s', (_, settings, variables) => {
    expect(variablesWrong(settings)).toEqual(variables);
  });

  it('names the variable of the app', () => {
    const [problem] = transportProblems({ publicUrl: 'http://a.example', host: '::1' }, { publicUrl: 'PUBLIC_URL' });
    expect(problem?.variable).toBe('PUBLIC_URL');
  });
});

describe('loadTls', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const tlsKeyFile = file('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());

  it('is nothing when nothing is configured', () => {
    expect(loadTls({})).toBeUndefined();
  });

  it('names the file that cannot be read', () => {
    expect(() => loadTls({ tlsCertFile: join(folder, 'missing'), tlsKeyFile })).toThrow(/TLS_CERT_FILE names a file/);
  });

  it('loads a certificate and its key', () => {
    const { cert, key } = selfSigned();
    const from = { tlsCertFile: file('own.pem', cert), tlsKeyFile: file('own-key.pem', key) };
    expect(loadTls(from)).toEqual({ cert: Buffer.from(cert), key: Buffer.from(key), minVersion: 'TLSv1.2', from });
  });

  it('refuses a key that is not that of the certificate', () => {
    const tlsCertFile = file('other.pem', selfSigned().cert);
    expect(() => loadTls({ tlsCertFile, tlsKeyFile })).toThrow(/the private key it is for/);
  });

  it('refuses what is no certificate', () => {
    const tlsCertFile = file('cert.pem', 'not a certificate');
    expect(() => loadTls({ tlsCertFile, tlsKeyFile })).toThrow(/TLS_CERT_FILE and TLS_KEY_FILE must be a PEM/);
  });
});
