/**
 * A directory that nobody here wrote: slapd of Debian, started for one test on free ports of this machine, with a certificate of
 * its own, and stopped afterwards. Where it is not installed, `findSlapd` is undefined and the test says that it is skipped.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../stack/replica.js';
import { type CertificateAndKey, selfSigned } from '../web/self-signed.js';

export interface Slapd {
  /** TLS from the first byte. */
  readonly secureUrl: string;
  /** Plain until StartTLS. */
  readonly plainUrl: string;
  readonly certificate: CertificateAndKey;
  readonly bindDn: string;
  readonly bindPassword: string;
  stop(): Promise<void>;
}

const SCHEMAS = '/etc/ldap/schema';
const MODULES = '/usr/lib/ldap';
export const DIRECTORY_BASE = 'dc=corp,dc=example';

export function findSlapd(): string | undefined {
  const path = process.env['SLAPD_PATH'] ?? '/usr/sbin/slapd';
  return existsSync(path) && existsSync(`${SCHEMAS}/inetorgperson.schema`) ? path : undefined;
}

/** @param ldif entries below `DIRECTORY_BASE`, which is there already with the entry that searches */
export async function startSlapd(slapd: string, ldif: string): Promise<Slapd> {
  const home = await mkdtemp(join(tmpdir(), 'slapd-'));
  const [securePort, plainPort] = [await freePort(), await freePort()];
  const certificate = selfSigned('localhost', 'rsa');
  const bindPassword = crypto.randomUUID();
  const bindDn = `cn=gatehouse,${DIRECTORY_BASE}`;
  await mkdir(join(home, 'data'));
  await writeFile(join(home, 'cert.pem'), certificate.cert);
  await writeFile(join(home, 'key.pem'), certificate.key);
  await writeFile(join(home, 'slapd.conf'), configuration(home));
  await writeFile(join(home, 'entries.ldif'), `${root(bindDn, bindPassword)}\n${ldif}`);
  const config = join(home, 'slapd.conf');
  await promisify(execFile)(slapd, ['-T', 'add', '-f', config, '-l', join(home, 'entries.ldif')]);
  const urls = [`ldaps://127.0.0.1:${String(securePort)}`, `ldap://127.0.0.1:${String(plainPort)}`];
  const server = spawn(slapd, ['-f', config, '-h', urls.join(' '), '-d', '0'], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) =>
    server.once('exit', () => {
      resolve();
    }),
  );
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL');
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  try {
    await listening(securePort, () => server.exitCode !== null);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    secureUrl: `ldaps://localhost:${String(securePort)}`,
    plainUrl: `ldap://localhost:${String(plainPort)}`,
    certificate,
    bindDn,
    bindPassword,
    stop,
  };
}

function configuration(home: string): string {
  return [
    ...['core', 'cosine', 'inetorgperson'].map((name) => `include ${SCHEMAS}/${name}.schema`),
    `pidfile ${home}/slapd.pid`,
    `modulepath ${MODULES}`,
    'moduleload back_mdb.la',
    'moduleload memberof.la',
    `TLSCertificateFile ${home}/cert.pem`,
    `TLSCertificateKeyFile ${home}/key.pem`,
    'TLSVerifyClient never',
    // Whoever binds with a name and no password is let in as nobody, as many directories do.
    'allow bind_anon_dn',
    'database mdb',
    `suffix "${DIRECTORY_BASE}"`,
    `directory ${home}/data`,
    'index objectClass,uid,member eq',
    'access to attrs=userPassword by anonymous auth by * none',
    'access to * by users read by * none',
    'overlay memberof',
    '',
  ].join('\n');
}

function root(bindDn: string, password: string): string {
  return [
    `dn: ${DIRECTORY_BASE}`,
    'objectClass: domain',
    'dc: corp',
    '',
    `dn: ${bindDn}`,
    'objectClass: organizationalRole',
    'objectClass: simpleSecurityObject',
    'cn: gatehouse',
    `userPassword: ${password}`,
    '',
  ].join('\n');
}

async function listening(port: number, ended: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (ended()) break;
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket
        .once('connect', () => {
          resolve(true);
        })
        .once('error', () => {
          resolve(false);
        });
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('slapd does not listen');
}
