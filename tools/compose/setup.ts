/**
 * First step of a deployment by Docker Compose, run before anything else at every `up`: makes what is missing (a local
 * certificate authority, certificates, keys, passwords), renews what ends soon, and leaves alone what is there.
 *
 *   setup                                make or renew
 *   setup rotate key-encryption-keys     a new key in front; the old ones stay, so everything sealed can be read
 *   setup enroll                         write what the seed reads: resources, their server, the first accounts
 *   setup describe                       print where the deployment is and how to get in (secrets included) as JSON
 */
import { randomBytes } from 'node:crypto';
import { type KeyAndCertificate, issueCertificate, newAuthority, stillGood } from './certificates.ts';
import { description, enrolment } from './enrolment.ts';
import { type Volume, Volumes } from './volumes.ts';

const volumes = new Volumes(process.env['VOLUMES'] ?? '/volumes');
const now = new Date();
const token = (): string => randomBytes(32).toString('base64url');
const line = (text: string): string => `${text}\n`;

async function make(): Promise<void> {
  const authority = await keptAuthority();
  volumes.write('trust', 'ca.pem', authority.certificate);
  volumes.give('catalogue');
  const publicNames = [process.env['ISSUER'], process.env['RESOURCE_SERVER']].map((url) => new URL(url ?? '').hostname);
  const certificates: readonly (readonly [Volume, readonly string[]])[] = [
    ['balancer', publicNames],
    ['auth-server', ['auth-server', 'localhost']],
    ['resource-server', ['resource-server', 'localhost']],
    ['worker', ['worker', 'localhost']],
    ['postgres', ['postgres', 'localhost']],
    ['valkey', ['valkey', 'localhost']],
  ];
  for (const [service, names] of certificates) await certify(service, names, authority);

  const keys = volumes.kept('key-encryption-keys', () => line(token()));
  for (const service of ['auth-server', 'worker'] as const) volumes.write(service, 'key-encryption-keys', keys);
  volumes.write('postgres', 'superuser-password', volumes.kept('postgres-password', token));
  const password = volumes.kept('database-password', token);
  volumes.write('postgres', 'database-password', password);
  const tls = '?sslmode=verify-full&sslrootcert=/run/trust/ca.pem';
  for (const service of ['auth-server', 'worker'] as const)
    volumes.write(service, 'database-url', line(`postgres://gatehouse:${password}@postgres:5432/gatehouse${tls}`));
  const queue = volumes.kept('valkey-password', token);
  volumes.write('worker', 'queue-url', line(`rediss://:${queue}@valkey:6379`));
  volumes.write('valkey', 'password.conf', `requirepass ${queue}\n`);
  volumes.write('resource-server', 'introspection-secret', line(volumes.kept('introspection-secret', token)));
}

async function keptAuthority(): Promise<KeyAndCertificate> {
  if (!volumes.has('authority', 'ca.pem')) {
    const { key, certificate } = await newAuthority(now);
    volumes.write('authority', 'ca-key.pem', key);
    volumes.write('authority', 'ca.pem', certificate);
  }
  return { key: volumes.read('authority', 'ca-key.pem'), certificate: volumes.read('authority', 'ca.pem') };
}

async function certify(service: Volume, names: readonly string[], authority: KeyAndCertificate): Promise<void> {
  const there = volumes.has(service, 'tls.pem') && volumes.has(service, 'tls-key.pem');
  if (there && (await stillGood(volumes.read(service, 'tls.pem'), authority, names, now))) return;
  const { key, certificate } = await issueCertificate(authority, names, now);
  volumes.write(service, 'tls-key.pem', key);
  volumes.write(service, 'tls.pem', certificate);
  // HAProxy reads both from one file.
  if (service === 'balancer') volumes.write(service, 'tls-both.pem', certificate + key);
}

function rotate(what: string | undefined): void {
  if (what !== 'key-encryption-keys') throw new Error('usage: setup rotate key-encryption-keys');
  const keys = line(token()) + volumes.read('authority', what);
  volumes.write('authority', what, keys);
  for (const service of ['auth-server', 'worker'] as const) volumes.write(service, what, keys);
}

const [command, argument] = process.argv.slice(2);
switch (command) {
  case undefined:
    await make();
    break;
  case 'rotate':
    rotate(argument);
    break;
  case 'enroll':
    volumes.write('seed', 'seed.json', JSON.stringify(enrolment(volumes)));
    break;
  case 'describe':
    process.stdout.write(line(JSON.stringify(description(volumes), null, 2)));
    break;
  default:
    throw new Error(`unknown command: ${command}`);
}
