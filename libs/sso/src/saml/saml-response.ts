/**
 * From the form that a browser brought to an assertion that is true. In this order: what is no message of ours to read
 * (size, encoding, DTD, shape, algorithms); what the response says of itself (status, destination, request, issuer); the
 * signatures, by node-saml; and last what the signed assertion says, read from the signed bytes.
 *
 * node-saml verifies signatures and decrypts, and checks audience, times and InResponseTo. It does not look at Destination,
 * Recipient, the issuer of an assertion, algorithms, ids elsewhere in the document or a signature that is bad beside a good one.
 * @spec SAML 2.0 Bindings §3.5; SAML 2.0 Profiles §4.1.4
 */
import { type CacheProvider, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { type Assertion, CLOCK_SKEW, instantOf, issuedBy, readAssertion } from './assertion.js';
import type { IdentityProviderMetadata } from './identity-provider-metadata.js';
import {
  type ResponseShape,
  UnacceptableResponse,
  assertionShape,
  demand,
  responseShape,
  soundEncryption,
} from './response-shape.js';
import type { ServiceProviderKeys } from './service-provider-keys.js';
import type { SamlSettings } from './settings.js';
import { SAML_ASSERTION, SAML_PROTOCOL, attribute, child, decrypted, readXml, verified } from './xml.js';

export interface ResponseTerms {
  readonly identityProvider: IdentityProviderMetadata;
  readonly settings: SamlSettings;
  readonly keys: ServiceProviderKeys;
  readonly entityId: string;
  /** Our assertion consumer service. */
  readonly callback: string;
  readonly requestId: string;
  readonly departedAt: Date;
  readonly now: Date;
}

/** The identity provider answered that it did not sign anybody in. */
export class RefusedByProvider extends Error {
  override readonly name = 'RefusedByProvider';
}

/** Of base64. An assertion with some hundred groups has some 100 kB. */
const LONGEST = 350_000;
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';

/** @throws whatever is wrong with it: nothing of it is believed then */
export async function verifiedAssertion(encoded: string | null, terms: ResponseTerms): Promise<Assertion> {
  const text = decodedText(encoded);
  const root = await readXml(text);
  if (root.localName === 'Response' && root.namespaceURI === SAML_PROTOCOL) succeeded(root);
  const shape = responseShape(root);
  addressedToUs(shape, terms);
  demand(shape.encrypted || !terms.settings.encrypted, 'an assertion in the clear');
  const decryptionKey = shape.encrypted ? await openedBy(shape, text, terms) : undefined;
  const profile = await new SAML({
    callbackUrl: terms.callback,
    issuer: terms.entityId,
    audience: terms.entityId,
    idpCert: [...terms.identityProvider.certificates],
    idpIssuer: terms.identityProvider.entityId,
    wantAssertionsSigned: terms.settings.signed !== 'response',
    // A signature that is there is good, or the message is not.
    wantAuthnResponseSigned: terms.settings.signed !== 'assertion' || shape.responseSigned,
    acceptedClockSkewMs: CLOCK_SKEW,
    validateInResponseTo: ValidateInResponseTo.always,
    cacheProvider: onlyRequest(terms),
    ...(decryptionKey === undefined ? {} : { decryptionPvk: decryptionKey }),
  }).validatePostResponseAsync({ SAMLResponse: encoded ?? '' });
  const signed = profile.profile?.getAssertionXml?.();
  demand(signed !== undefined && !profile.loggedOut, 'nothing that was signed');
  return readAssertion(await readXml(signed), terms.settings, {
    issuer: terms.identityProvider.entityId,
    audience: terms.entityId,
    recipient: terms.callback,
    requestId: terms.requestId,
    now: terms.now,
  });
}

function decodedText(encoded: string | null): string {
  demand(encoded !== null && encoded !== '', 'no response');
  demand(encoded.length <= LONGEST, 'too long');
  demand(/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(encoded), 'no base64');
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64'));
}

/** Read before a signature is looked for, for a refusal has none that we could ask for. It can only refuse. */
function succeeded(response: Parameters<typeof child>[0]): void {
  const code = child(child(response, SAML_PROTOCOL, 'Status'), SAML_PROTOCOL, 'StatusCode');
  demand(code !== undefined, 'no status');
  if (attribute(code, 'Value') !== SUCCESS) throw new RefusedByProvider(attribute(code, 'Value')?.slice(0, 200));
}

function addressedToUs({ response }: ResponseShape, terms: ResponseTerms): void {
  demand(attribute(response, 'Version') === '2.0', 'another version of SAML');
  demand(attribute(response, 'Destination') === terms.callback, 'for another destination');
  demand(attribute(response, 'InResponseTo') === terms.requestId, 'not in response to the request');
  const issuer = child(response, SAML_ASSERTION, 'Issuer');
  if (issuer) issuedBy(issuer, terms.identityProvider.entityId);
  const issued = instantOf(response, 'IssueInstant');
  demand(issued !== undefined && issued - CLOCK_SKEW <= terms.now.getTime(), 'from the future');
  demand(issued >= terms.departedAt.getTime() - CLOCK_SKEW, 'older than the request');
}

/**
 * Which of our keys opens the assertion; what is inside must have the shape of one. An unauthenticated cipher is not even
 * decrypted before a signature over it was verified: how decryption fails would tell what is inside, byte by byte.
 */
async function openedBy(
  shape: ResponseShape,
  text: string,
  { keys, identityProvider }: ResponseTerms,
): Promise<string> {
  const covered = shape.responseSigned && verified(text, shape.response, identityProvider.certificates) !== undefined;
  soundEncryption(shape.assertion, covered);
  let problem: unknown;
  for (const { key } of keys.decryption) {
    let opened: string;
    try {
      opened = await decrypted(shape.assertion, key);
    } catch (error) {
      problem = error;
      continue;
    }
    assertionShape(await readXml(opened));
    return key;
  }
  throw new UnacceptableResponse('not encrypted to a key of ours', { cause: problem });
}

/** To node-saml: the one request that is open is the one of this login, since it left. */
function onlyRequest({ requestId, departedAt }: ResponseTerms): CacheProvider {
  return {
    saveAsync: () => Promise.resolve(null),
    getAsync: (id) => Promise.resolve(id === requestId ? departedAt.toISOString() : null),
    removeAsync: () => Promise.resolve(null),
  };
}
