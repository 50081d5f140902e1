/**
 * Reading XML that strangers wrote. The parser is the one that the signature library uses: two parsers that read one text in
 * two ways are what signature wrapping lives on. What a SAML message never needs is refused before it is parsed.
 */
import { decryptXml, getVerifiedXml, parseDomFromString } from '@node-saml/node-saml/lib/xml.js';

export const SAML_PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const SAML_ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const SAML_METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
export const XML_SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';
export const XML_ENCRYPTION = 'http://www.w3.org/2001/04/xmlenc#';

/** What we use of a DOM node. */
export interface XmlNode {
  readonly nodeType: number;
  readonly parentNode: XmlNode | null;
  readonly nextSibling: XmlNode | null;
  readonly firstChild: XmlNode | null;
  readonly textContent: string | null;
}

export interface XmlElement extends XmlNode {
  readonly localName: string;
  readonly namespaceURI: string | null;
  readonly attributes: { readonly length: number; item(nth: number): XmlAttribute | null };
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  toString(): string;
}

interface XmlAttribute {
  readonly localName: string;
  readonly value: string;
}

const ELEMENT = 1;
/** A path deeper than any honest message, shallower than what a recursive library falls over. */
const DEEPEST = 60;
const MOST_ELEMENTS = 20_000;

/** The text is no XML that we read, whoever sent it. */
export class UnreadableXml extends Error {
  override readonly name = 'UnreadableXml';
}

/**
 * Neither DTD nor entity (XXE, billion laughs), nor comment, CDATA or processing instruction (text that two readers cut
 * differently), nor another encoding than UTF-8.
 */
export async function readXml(text: string): Promise<XmlElement> {
  // The one processing instruction that a document may begin with.
  const body = text.replace(/^\uFEFF?<\?xml [^?<>]{0,100}\?>/, (declaration) => {
    if (/encoding=(?!["']utf-8["'])/i.test(declaration)) throw new UnreadableXml('another encoding than UTF-8');
    return '';
  });
  if (body.includes('<!') || body.includes('<?')) throw new UnreadableXml('a declaration, comment or instruction');
  const document = (await parseDomFromString(text)) as unknown as { readonly documentElement: XmlElement | null };
  const root = document.documentElement;
  if (!root) throw new UnreadableXml('no element');
  let count = 0;
  for (const [, depth] of walk(root))
    if (depth > DEEPEST || ++count > MOST_ELEMENTS) throw new UnreadableXml('too deep or too many elements');
  return root;
}

/** Every element of the tree with its depth, without recursion. */
export function* walk(root: XmlElement): Generator<readonly [XmlElement, number]> {
  let at: XmlNode | null = root;
  let depth = 0;
  while (at) {
    if (isElement(at)) yield [at, depth];
    if (at.firstChild && isElement(at)) {
      at = at.firstChild;
      depth += 1;
      continue;
    }
    while (at && at !== root && !at.nextSibling) {
      at = at.parentNode;
      depth -= 1;
    }
    at = !at || at === root ? null : at.nextSibling;
  }
}

export function elements(root: XmlElement): readonly XmlElement[] {
  return [...walk(root)].map(([element]) => element);
}

export function children(parent: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  const found: XmlElement[] = [];
  for (let at = parent.firstChild; at; at = at.nextSibling)
    if (isElement(at) && at.namespaceURI === namespace && at.localName === name) found.push(at);
  return found;
}

export function child(parent: XmlElement | undefined, namespace: string, name: string): XmlElement | undefined {
  if (!parent) return undefined;
  const found = children(parent, namespace, name);
  if (found.length > 1) throw new UnreadableXml(`several ${name}`);
  return found[0];
}

/** The whole text, never a part of it; none when something else than text is inside. */
export function textOf(element: XmlElement | undefined): string | undefined {
  if (!element) return undefined;
  for (let at = element.firstChild; at; at = at.nextSibling) if (isElement(at)) return undefined;
  const text = element.textContent?.trim();
  return text === undefined || text === '' ? undefined : text;
}

export function attribute(element: XmlElement | undefined, name: string): string | undefined {
  return element?.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined;
}

/** The bytes that a signature of one of these certificates covers, when it covers all of `element`. */
export function verified(text: string, element: XmlElement, certificates: readonly string[]): string | undefined {
  return getVerifiedXml(text, element as never, [...certificates]) ?? undefined;
}

export function decrypted(encryptedAssertion: XmlElement, key: string): Promise<string> {
  return decryptXml(encryptedAssertion.toString(), key);
}

export function isElement(node: XmlNode): node is XmlElement {
  return node.nodeType === ELEMENT;
}
