/**
 * A certificate authority of the deployment's own, for the names inside it and, until the operator brings certificates of
 * a public one, for the address that people use. Its key never leaves the volume that only the setup sees.
 */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { webcrypto } from 'node:crypto';

export interface KeyAndCertificate {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Clients of Apple refuse what is valid for longer. */
const LEAF_DAYS = 397;
/** A certificate that ends sooner is replaced at the next start. */
export const RENEWAL_DAYS = 60;

export async function newAuthority(now: Date): Promise<KeyAndCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Gatehouse local authority ${serial().slice(0, 8)}`,
    serialNumber: serial(),
    ...validity(now, AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pair(keys, certificate);
}

/** @param names DNS names, the first one being the common name */
export async function issueCertificate(
  authority: KeyAndCertificate,
  names: readonly string[],
  now: Date,
): Promise<KeyAndCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${names[0] ?? ''}`,
    issuer: issuer.subject,
    serialNumber: serial(),
    ...validity(now, LEAF_DAYS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await signingKeyOf(authority),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pair(keys, certificate);
}

/** Whether the certificate is of this authority, for exactly these names, and good for a while yet. */
export async function stillGood(
  certificate: string,
  authority: KeyAndCertificate,
  names: readonly string[],
  now: Date,
): Promise<boolean> {
  const leaf = new x509.X509Certificate(certificate);
  const has = leaf.getExtension(x509.SubjectAlternativeNameExtension)?.names.items.map(({ value }) => value) ?? [];
  if ([...has].sort().join() !== [...names].sort().join()) return false;
  if (leaf.notAfter.getTime() - now.getTime() < RENEWAL_DAYS * DAY) return false;
  return leaf.verify({ publicKey: new x509.X509Certificate(authority.certificate), signatureOnly: true });
}

async function signingKeyOf({ key }: KeyAndCertificate): Promise<webcrypto.CryptoKey> {
  const bytes = x509.PemConverter.decodeFirst(key);
  return webcrypto.subtle.importKey('pkcs8', bytes, ALGORITHM, false, ['sign']);
}

async function pair(keys: webcrypto.CryptoKeyPair, certificate: x509.X509Certificate): Promise<KeyAndCertificate> {
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`, certificate: `${certificate.toString('pem')}\n` };
}

function validity(now: Date, days: number) {
  // A clock that is a little behind must not find it not valid yet.
  return { notBefore: new Date(now.getTime() - DAY), notAfter: new Date(now.getTime() + days * DAY) };
}

/** 127 bits: positive, and none is used twice. */
function serial(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
