/**
 * What a verified assertion says, and whether it says it to us, now, about this sign-in. Read from the bytes that the signature
 * covers and from nothing else.
 * @spec SAML 2.0 Profiles §4.1.4.2, §4.1.4.3; SAML 2.0 Core §2.5
 */
import { demand } from './response-shape.js';
import type { SamlSettings } from './settings.js';
import { SAML_ASSERTION, type XmlElement, attribute, child, children, isElement, textOf } from './xml.js';

export interface AssertionTerms {
  readonly issuer: string;
  readonly audience: string;
  readonly recipient: string;
  /** Of the request that the person left with. */
  readonly requestId: string;
  readonly now: Date;
}

export interface Assertion {
  readonly id: string;
  /** After that it is refused for its age, so nobody has to remember it. */
  readonly usableUntil: Date;
  readonly subject: string;
  readonly authenticatedAt: Date;
  readonly context?: string;
  readonly sessionIndex?: string;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** Both sides' clocks may differ by so much. */
export const CLOCK_SKEW = 60_000;
/** An assertion is made when the person comes back from the identity provider, and used at once. */
const OLDEST = 10 * 60_000;
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const ENTITY = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
const KNOWN_CONDITIONS = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'];
const MOST_VALUES = 2_000;
const LONGEST_VALUE = 1_000;

export function readAssertion(root: XmlElement, settings: SamlSettings, terms: AssertionTerms): Assertion {
  const now = terms.now.getTime();
  demand(root.localName === 'Assertion' && root.namespaceURI === SAML_ASSERTION, 'no assertion');
  demand(attribute(root, 'Version') === '2.0', 'another version of SAML');
  const id = attribute(root, 'ID');
  demand(id !== undefined && id.length <= 300, 'no id');
  issuedBy(child(root, SAML_ASSERTION, 'Issuer'), terms.issuer);
  const issued = instant(root, 'IssueInstant');
  demand(issued !== undefined && issued - CLOCK_SKEW <= now, 'from the future');
  demand(now < issued + OLDEST + CLOCK_SKEW, 'too old');
  const confirmed = confirmedUntil(root, terms);
  const conditions = conditionsUntil(root, terms);
  const attributes = attributesOf(root);
  return {
    id,
    usableUntil: new Date(Math.min(confirmed, conditions, issued + OLDEST) + CLOCK_SKEW),
    subject: subjectOf(root, attributes, settings),
    attributes,
    ...authenticationOf(root, now),
  };
}

export function issuedBy(issuer: XmlElement | undefined, expected: string): void {
  demand(textOf(issuer) === expected, 'of another issuer');
  demand((attribute(issuer, 'Format') ?? ENTITY) === ENTITY, 'an issuer that is no entity');
}

/** One bearer confirmation must be for us, for this request, now. */
function confirmedUntil(root: XmlElement, { recipient, requestId, now }: AssertionTerms): number {
  const subject = child(root, SAML_ASSERTION, 'Subject');
  demand(subject !== undefined, 'nobody is the subject');
  const confirmations = children(subject, SAML_ASSERTION, 'SubjectConfirmation').filter(
    (confirmation) => attribute(confirmation, 'Method') === BEARER,
  );
  const until = confirmations.flatMap((confirmation) => {
    const data = child(confirmation, SAML_ASSERTION, 'SubjectConfirmationData');
    const notOnOrAfter = instant(data, 'NotOnOrAfter');
    const notBefore = instant(data, 'NotBefore');
    const good =
      data !== undefined &&
      attribute(data, 'Recipient') === recipient &&
      attribute(data, 'InResponseTo') === requestId &&
      notOnOrAfter !== undefined &&
      now.getTime() < notOnOrAfter + CLOCK_SKEW &&
      (!data.hasAttribute('NotBefore') || (notBefore !== undefined && notBefore - CLOCK_SKEW <= now.getTime()));
    return good ? [notOnOrAfter] : [];
  });
  demand(until.length > 0, 'no confirmation for this recipient, this request and this time');
  return Math.max(...until);
}

function conditionsUntil(root: XmlElement, { audience, now }: AssertionTerms): number {
  const conditions = child(root, SAML_ASSERTION, 'Conditions');
  demand(conditions !== undefined, 'no conditions');
  const notBefore = instant(conditions, 'NotBefore');
  const notOnOrAfter = instant(conditions, 'NotOnOrAfter');
  demand(notOnOrAfter !== undefined && now.getTime() < notOnOrAfter + CLOCK_SKEW, 'expired');
  demand(
    !conditions.hasAttribute('NotBefore') || (notBefore !== undefined && notBefore - CLOCK_SKEW <= now.getTime()),
    'not yet valid',
  );
  for (let at = conditions.firstChild; at; at = at.nextSibling)
    // What we do not understand might be what forbids it.
    demand(
      !isElement(at) || (at.namespaceURI === SAML_ASSERTION && KNOWN_CONDITIONS.includes(at.localName)),
      'an unknown condition',
    );
  const restrictions = children(conditions, SAML_ASSERTION, 'AudienceRestriction');
  demand(restrictions.length > 0, 'for everybody');
  for (const restriction of restrictions)
    demand(
      children(restriction, SAML_ASSERTION, 'Audience').some((element) => textOf(element) === audience),
      'for another audience',
    );
  return notOnOrAfter;
}

function subjectOf(root: XmlElement, attributes: Assertion['attributes'], settings: SamlSettings): string {
  const wanted = settings.attributes.subject;
  if (wanted !== undefined) {
    const values = attributes.get(wanted) ?? [];
    demand(values.length === 1 && values[0] !== undefined, 'not one value of the attribute that names the subject');
    return values[0];
  }
  const nameId = child(child(root, SAML_ASSERTION, 'Subject'), SAML_ASSERTION, 'NameID');
  const format = attribute(nameId, 'Format') ?? UNSPECIFIED;
  const value = textOf(nameId);
  demand(value !== undefined && value.length <= LONGEST_VALUE, 'no NameID in the clear');
  demand(format !== TRANSIENT, 'a NameID that is another one next time');
  // Else somebody's name in one format could be another one's in another.
  demand(format === settings.nameIdFormat, 'a NameID of another format');
  return value;
}

function authenticationOf(
  root: XmlElement,
  now: number,
): Pick<Assertion, 'authenticatedAt' | 'context' | 'sessionIndex'> {
  const statements = children(root, SAML_ASSERTION, 'AuthnStatement');
  const [statement] = statements;
  demand(statement !== undefined, 'nobody was authenticated');
  for (const each of statements) {
    const ends = instant(each, 'SessionNotOnOrAfter');
    demand(
      !each.hasAttribute('SessionNotOnOrAfter') || (ends !== undefined && now < ends + CLOCK_SKEW),
      'a session that has ended',
    );
  }
  const at = instant(statement, 'AuthnInstant');
  demand(at !== undefined && at - CLOCK_SKEW <= now, 'authenticated in the future');
  const context = textOf(
    child(child(statement, SAML_ASSERTION, 'AuthnContext'), SAML_ASSERTION, 'AuthnContextClassRef'),
  );
  const sessionIndex = attribute(statement, 'SessionIndex');
  return {
    authenticatedAt: new Date(Math.min(at, now)),
    ...(context === undefined ? {} : { context }),
    ...(sessionIndex === undefined || sessionIndex === '' ? {} : { sessionIndex }),
  };
}

function attributesOf(root: XmlElement): Assertion['attributes'] {
  const found = new Map<string, readonly string[]>();
  let count = 0;
  for (const statement of children(root, SAML_ASSERTION, 'AttributeStatement'))
    for (const element of children(statement, SAML_ASSERTION, 'Attribute')) {
      const name = attribute(element, 'Name') ?? '';
      const values = children(element, SAML_ASSERTION, 'AttributeValue').flatMap((value) => textOf(value) ?? []);
      count += values.length;
      demand(count <= MOST_VALUES && values.every((value) => value.length <= LONGEST_VALUE), 'more than can be true');
      found.set(name, [...(found.get(name) ?? []), ...values]);
    }
  return found;
}

/** Milliseconds; undefined when absent or unreadable. SAML writes UTC with a Z. */
function instant(element: XmlElement | undefined, name: string): number | undefined {
  const text = attribute(element, name) ?? '';
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** For use beside the assertion, by the same rules of reading. */
export { instant as instantOf };
