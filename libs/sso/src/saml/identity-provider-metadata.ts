/**
 * The metadata of an identity provider: who it is, where requests go, and by which certificates it signs. Two of them are
 * valid while it changes from one to the other; more than a handful is nobody's rollover. The metadata is believed because
 * of where it came from (the operator, or https at an address of the operator's), so a signature in it is not asked for.
 * @spec SAML 2.0 Metadata §2.4
 */
import { X509Certificate } from 'node:crypto';
import {
  SAML_METADATA,
  UnreadableXml,
  XML_SIGNATURE,
  type XmlElement,
  attribute,
  child,
  children,
  elements,
  readXml,
  textOf,
} from './xml.js';

export interface IdentityProviderMetadata {
  readonly entityId: string;
  /** Where a browser takes a signed request by redirect. */
  readonly signInUrl: string;
  /** PEM, in the order of the document. */
  readonly certificates: readonly string[];
  readonly logoutUrl?: string;
}

/** The metadata is not of an identity provider that we can work with. The text is for the operator. */
export class UnusableMetadata extends Error {
  override readonly name = 'UnusableMetadata';
}

const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const MOST_CERTIFICATES = 6;
const LEAST_BITS = 2048;

export interface MetadataTerms {
  readonly entityId: string;
  readonly now: Date;
  /** http on this machine is a place to sign in at: development only. */
  readonly loopback?: boolean;
}

export async function identityProviderMetadata(text: string, terms: MetadataTerms): Promise<IdentityProviderMetadata> {
  const entity = entityOf(await read(text), terms.entityId);
  const until = attribute(entity, 'validUntil');
  // Not "later than": a date that cannot be read has passed.
  if (until !== undefined && !(Date.parse(until) > terms.now.getTime()))
    throw new UnusableMetadata('the metadata is no longer valid (validUntil)');
  const role = children(entity, SAML_METADATA, 'IDPSSODescriptor').find((descriptor) =>
    (attribute(descriptor, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(PROTOCOL),
  );
  if (!role) throw new UnusableMetadata('no IDPSSODescriptor of SAML 2.0');
  const signInUrl = locationOf(role, 'SingleSignOnService', terms.loopback ?? false);
  if (signInUrl === undefined)
    throw new UnusableMetadata('no SingleSignOnService by HTTP-Redirect at an https address');
  const logoutUrl = locationOf(role, 'SingleLogoutService', terms.loopback ?? false);
  return {
    entityId: terms.entityId,
    signInUrl,
    certificates: signingCertificates(role),
    ...(logoutUrl === undefined ? {} : { logoutUrl }),
  };
}

async function read(text: string): Promise<XmlElement> {
  try {
    // Comments are common in metadata that people keep by hand, and mean nothing there: it is not signed text we verify.
    return await readXml(text.replaceAll(/<!--(?:(?!--)[^])*-->/g, ''));
  } catch (error) {
    throw new UnusableMetadata(error instanceof UnreadableXml ? error.message : 'no XML', { cause: error });
  }
}

function entityOf(root: XmlElement, entityId: string): XmlElement {
  const found = elements(root).filter(
    (element) =>
      element.namespaceURI === SAML_METADATA &&
      element.localName === 'EntityDescriptor' &&
      attribute(element, 'entityID') === entityId,
  );
  const [entity, second] = found;
  if (!entity || second)
    throw new UnusableMetadata('not exactly one EntityDescriptor with the entityId of the settings');
  return entity;
}

function locationOf(role: XmlElement, service: string, loopback: boolean): string | undefined {
  return children(role, SAML_METADATA, service)
    .filter((element) => attribute(element, 'Binding') === REDIRECT)
    .map((element) => attribute(element, 'Location') ?? '')
    .find((location) => {
      const url = URL.parse(location);
      if (!url || url.username !== '' || url.password !== '' || url.hash !== '') return false;
      return url.protocol === 'https:' || (loopback && url.protocol === 'http:' && isLoopback(url.hostname));
    });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]';
}

/** A descriptor without `use` serves both. Keys without a certificate, weak keys and other kinds than RSA are left out. */
function signingCertificates(role: XmlElement): readonly string[] {
  const certificates = children(role, SAML_METADATA, 'KeyDescriptor')
    .filter((descriptor) => (attribute(descriptor, 'use') ?? 'signing') === 'signing')
    .flatMap((descriptor) => {
      const info = child(descriptor, XML_SIGNATURE, 'KeyInfo');
      const data = info ? children(info, XML_SIGNATURE, 'X509Data') : [];
      return data.flatMap((each) => children(each, XML_SIGNATURE, 'X509Certificate'));
    })
    .flatMap((element) => pemOf(textOf(element) ?? ''));
  const distinct = [...new Set(certificates)];
  if (distinct.length === 0) throw new UnusableMetadata('no certificate for signatures, RSA of 2048 bits or more');
  if (distinct.length > MOST_CERTIFICATES) throw new UnusableMetadata('too many certificates for signatures');
  return distinct;
}

function pemOf(base64: string): readonly string[] {
  try {
    const { publicKey, raw } = new X509Certificate(Buffer.from(base64.replaceAll(/\s+/g, ''), 'base64'));
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    if (publicKey.asymmetricKeyType !== 'rsa' || bits < LEAST_BITS) return [];
    const lines = raw.toString('base64').match(/.{1,64}/g) ?? [];
    return [`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`];
  } catch {
    return [];
  }
}
