/**
 * What a response must look like before any key is tried on it. One response, one assertion in its one place, at most one
 * signature on each, every id once, and only algorithms that hold: a message of which there are two readings has none.
 * Signature wrapping, swapped assertions and a second assertion beside the signed one all end here, whatever the
 * signature library thinks of them afterwards.
 * @spec SAML 2.0 Core §5.4; SAML 2.0 Profiles §4.1.4
 */
import {
  SAML_ASSERTION,
  SAML_PROTOCOL,
  XML_ENCRYPTION,
  XML_SIGNATURE,
  type XmlElement,
  attribute,
  children,
  elements,
} from './xml.js';

/** The message is not one that we read. The text is for the log. */
export class UnacceptableResponse extends Error {
  override readonly name = 'UnacceptableResponse';
}

const SIGNATURE_METHODS = [
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
];
const DIGEST_METHODS = ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512'];
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const TRANSFORMS = ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXCLUSIVE];

const KEY_TRANSPORTS = ['http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p', 'http://www.w3.org/2009/xmlenc11#rsa-oaep'];
const AUTHENTICATED_CIPHERS = [
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
];
/** They say nothing of whether somebody changed the text: only under a signature that covers them. */
const BLOCK_CIPHERS = ['http://www.w3.org/2001/04/xmlenc#aes128-cbc', 'http://www.w3.org/2001/04/xmlenc#aes256-cbc'];

export interface ResponseShape {
  readonly response: XmlElement;
  /** In the clear, or encrypted. */
  readonly assertion: XmlElement;
  readonly encrypted: boolean;
  readonly responseSigned: boolean;
}

export function responseShape(root: XmlElement): ResponseShape {
  demand(root.localName === 'Response' && root.namespaceURI === SAML_PROTOCOL, 'no response');
  const all = elements(root);
  onlyOnce(all);
  const assertions = all.filter(({ localName }) => localName === 'Assertion' || localName === 'EncryptedAssertion');
  const [assertion, second] = assertions;
  if (!assertion || second) throw new UnacceptableResponse('not exactly one assertion');
  demand(assertion.parentNode === root && assertion.namespaceURI === SAML_ASSERTION, 'an assertion out of its place');
  demand(all.filter(({ localName }) => localName === 'Response').length === 1, 'a response inside');
  const encrypted = assertion.localName === 'EncryptedAssertion';
  const signatures = soundSignatures(all, encrypted ? [root] : [root, assertion]);
  return { response: root, assertion, encrypted, responseSigned: signatures.some((at) => at.parentNode === root) };
}

/** Of an assertion that came out of an encrypted one. */
export function assertionShape(root: XmlElement): void {
  demand(root.localName === 'Assertion' && root.namespaceURI === SAML_ASSERTION, 'no assertion was encrypted');
  const all = elements(root);
  onlyOnce(all);
  demand(
    all.every((at) => at === root || !['Assertion', 'EncryptedAssertion', 'Response'].includes(at.localName)),
    'an assertion inside',
  );
  soundSignatures(all, [root]);
}

/** @param covered a signature of the response covers the encrypted text, and was verified */
export function soundEncryption(encryptedAssertion: XmlElement, covered: boolean): void {
  const methods = elements(encryptedAssertion).filter(({ localName }) => localName === 'EncryptionMethod');
  demand(methods.length === 2, 'not one cipher and one key transport');
  for (const method of methods) {
    const of = method.parentNode as XmlElement;
    demand(method.namespaceURI === XML_ENCRYPTION && of.namespaceURI === XML_ENCRYPTION, 'a cipher out of its place');
    const algorithm = attribute(method, 'Algorithm') ?? '';
    if (of.localName === 'EncryptedKey') demand(KEY_TRANSPORTS.includes(algorithm), 'a key transport that is broken');
    else if (BLOCK_CIPHERS.includes(algorithm)) demand(covered, 'a cipher that a signed response must cover');
    else demand(AUTHENTICATED_CIPHERS.includes(algorithm), 'a cipher that is broken');
  }
}

/** An id that two elements have lets one be verified and the other be read. */
function onlyOnce(all: readonly XmlElement[]): void {
  const seen = new Set<string>();
  for (const element of all)
    for (let nth = 0; nth < element.attributes.length; nth += 1) {
      const { localName, value } = element.attributes.item(nth) ?? { localName: '', value: '' };
      if (!/^(?:id|assertionid)$/i.test(localName)) continue;
      // An RSAKeyValue, an EncryptedKey or a Signature may have an id too; so every spelling counts as one name space.
      demand(value !== '' && !seen.has(value), 'an id that is there twice');
      seen.add(value);
    }
}

/** Enveloped ones only, directly in what they sign, of algorithms that hold. */
function soundSignatures(all: readonly XmlElement[], places: readonly XmlElement[]): readonly XmlElement[] {
  const signatures = all.filter(({ localName }) => localName === 'Signature');
  for (const signature of signatures) {
    demand(signature.namespaceURI === XML_SIGNATURE, 'a signature of another kind');
    demand(
      places.some((place) => signature.parentNode === place),
      'a signature out of its place',
    );
    soundSignature(signature, signature.parentNode as XmlElement);
  }
  for (const place of places)
    demand(children(place, XML_SIGNATURE, 'Signature').length <= 1, 'two signatures on one element');
  return signatures;
}

function soundSignature(signature: XmlElement, signed: XmlElement): void {
  const inside = elements(signature);
  const named = (name: string) => inside.filter(({ localName }) => localName === name);
  const algorithms = (name: string) => named(name).map((element) => attribute(element, 'Algorithm') ?? '');
  demand(
    inside.every((at) => at.localName !== 'Object' && at.localName !== 'Manifest'),
    'something carried in a signature',
  );
  demand(
    inside.every(
      (at) => at.parentNode !== signature || ['SignedInfo', 'SignatureValue', 'KeyInfo'].includes(at.localName),
    ),
    'an unknown part of a signature',
  );
  demand(named('SignedInfo').length === 1 && named('Reference').length === 1, 'not exactly one reference');
  const [reference] = named('Reference');
  demand(attribute(reference, 'URI') === `#${attribute(signed, 'ID') ?? ''}`, 'a signature of something else');
  onlyOf(SIGNATURE_METHODS, algorithms('SignatureMethod'), 1, 1);
  onlyOf(DIGEST_METHODS, algorithms('DigestMethod'), 1, 1);
  onlyOf([EXCLUSIVE], algorithms('CanonicalizationMethod'), 1, 1);
  onlyOf(TRANSFORMS, algorithms('Transform'), 1, 2);
}

function onlyOf(allowed: readonly string[], found: readonly string[], least: number, most: number): void {
  demand(found.length >= least && found.length <= most, 'algorithms missing, or too many');
  demand(
    found.every((algorithm) => allowed.includes(algorithm)),
    'an algorithm that does not hold',
  );
}

export function demand(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new UnacceptableResponse(otherwise);
}
