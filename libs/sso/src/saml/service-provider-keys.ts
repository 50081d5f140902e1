/**
 * Our own keys at one identity provider: one pair signs requests, another decrypts assertions. They are the provider's secrets,
 * sealed where all of those are. While an operator changes them a second decryption key still opens what was encrypted to
 * it, and the certificate of the next signing key is in the metadata before the key signs.
 */
import type { ProviderSecrets } from '@gatehouse/identity';
import type { Clock } from '@gatehouse/protocol';
import { X509Certificate, createPrivateKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { selfSignedCertificate } from './self-signed-certificate.js';

const pem = z.string().max(20_000);

const SECRETS = z.strictObject({
  signingKey: pem,
  signingCertificate: pem,
  decryptionKey: pem,
  decryptionCertificate: pem,
  /** Published only. */
  otherSigningCertificate: pem.optional(),
  otherDecryptionKey: pem.optional(),
  otherDecryptionCertificate: pem.optional(),
});

export interface ServiceProviderKeys {
  readonly signing: KeyPair;
  readonly decryption: readonly KeyPair[];
  /** All that the metadata names, ours first. */
  readonly signingCertificates: readonly string[];
}

export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

const YEARS = 20;
const LEAST_BITS = 2048;

/** @throws TypeError without a word of the secrets */
export function serviceProviderKeys(secrets: ProviderSecrets): ServiceProviderKeys {
  const parsed = SECRETS.safeParse(secrets);
  if (!parsed.success)
    throw new TypeError('secrets are signingKey, signingCertificate, decryptionKey, decryptionCertificate');
  const { data } = parsed;
  const signing = pair('signing', data.signingKey, data.signingCertificate);
  const decryption = [pair('decryption', data.decryptionKey, data.decryptionCertificate)];
  if (data.otherDecryptionKey !== undefined)
    decryption.push(pair('otherDecryption', data.otherDecryptionKey, data.otherDecryptionCertificate ?? ''));
  const others = data.otherSigningCertificate === undefined ? [] : [data.otherSigningCertificate];
  for (const certificate of others) requireCertificate(certificate);
  return { signing, decryption, signingCertificates: [signing.certificate, ...others] };
}

/** The secrets of a new provider, when the operator brings none. */
export async function newServiceProviderKeys(providerId: string, clock: Clock): Promise<ProviderSecrets> {
  const [signing, decryption] = await Promise.all([newPair(providerId, clock), newPair(providerId, clock)]);
  return {
    signingKey: signing.key,
    signingCertificate: signing.certificate,
    decryptionKey: decryption.key,
    decryptionCertificate: decryption.certificate,
  };
}

async function newPair(providerId: string, clock: Clock): Promise<KeyPair> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 3072 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const from = clock.now();
  const until = new Date(from);
  until.setUTCFullYear(until.getUTCFullYear() + YEARS);
  return { key, certificate: selfSignedCertificate(key, `Gatehouse ${providerId}`, from, until) };
}

function pair(name: string, key: string, certificate: string): KeyPair {
  try {
    const parsed = createPrivateKey(key);
    const bits = parsed.asymmetricKeyDetails?.modulusLength ?? 0;
    const good = parsed.asymmetricKeyType === 'rsa' && bits >= LEAST_BITS;
    if (good && new X509Certificate(certificate).checkPrivateKey(parsed)) return { key, certificate };
  } catch {
    // Said below, without what OpenSSL says of a secret.
  }
  throw new TypeError(`${name}Key is no RSA key of 2048 bits or more, as PEM, with its ${name}Certificate`);
}

function requireCertificate(certificate: string): void {
  if (!X509_PEM.test(certificate)) throw new TypeError('otherSigningCertificate is no certificate as PEM');
}

const X509_PEM = /^-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/;
