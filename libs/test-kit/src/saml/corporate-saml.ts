/**
 * A company's identity provider by a library that nobody here wrote (samlify): it reads and verifies the request that the
 * product sends, and signs and encrypts what it answers. What it says can be bent, so that a test can have it say
 * something wrong with a good signature.
 */
import * as samlify from 'samlify';
import type { IdentityProviderConstructor, ServiceProviderConstructor } from 'samlify/types/src/types.js';
import { type CertificateAndKey, selfSigned } from '../web/self-signed.js';

export interface SamlPerson {
  readonly nameId: string;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
}

export interface CorporateSamlOptions {
  readonly entityId?: string;
  readonly signInUrl?: string;
  readonly keys?: CertificateAndKey;
  /** In the metadata besides the one that signs: a rollover. */
  readonly otherCertificates?: readonly string[];
  readonly signs?: 'assertion' | 'response' | 'both';
  readonly encrypts?: boolean;
  /** Of the encryption; the default is authenticated. */
  readonly cipher?: string;
  readonly keyTransport?: string;
  readonly signatureAlgorithm?: string;
}

/** What is written into the answer. An undefined InResponseTo is left out. */
export interface AnswerTags {
  readonly [tag: string]: string | undefined;
}

/** How the request was understood. */
export interface ReadRequest {
  readonly id: string;
  readonly relayState: string | undefined;
  readonly forceAuthn: boolean;
  readonly acs: string;
}

const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const AES256_GCM = 'http://www.w3.org/2009/xmlenc11#aes256-gcm';
const RSA_OAEP = 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

export class CorporateSaml {
  readonly entityId: string;
  readonly keys: CertificateAndKey;
  readonly #idp: IdentityProviderConstructor;
  readonly #signs: 'assertion' | 'response' | 'both';
  #sp: ServiceProviderConstructor | undefined;

  constructor(options: CorporateSamlOptions = {}) {
    this.entityId = options.entityId ?? 'https://idp.corp.example/saml';
    this.keys = options.keys ?? selfSigned('idp.corp.example', 'rsa');
    this.#signs = options.signs ?? 'assertion';
    const signInUrl = options.signInUrl ?? 'https://idp.corp.example/sign-in';
    const { redirect } = samlify.Constants.namespace.binding;
    // It would validate schemas with another program; what it reads here is our own.
    samlify.setSchemaValidator({ validate: () => Promise.resolve('not validated') });
    this.#idp = samlify.IdentityProvider({
      entityID: this.entityId,
      privateKey: this.keys.key,
      signingCert: [this.keys.cert, ...(options.otherCertificates ?? [])],
      wantAuthnRequestsSigned: true,
      nameIDFormat: [PERSISTENT],
      singleSignOnService: [{ Binding: redirect, Location: signInUrl }],
      singleLogoutService: [{ Binding: redirect, Location: `${signInUrl}/logout` }],
      isAssertionEncrypted: options.encrypts ?? false,
      dataEncryptionAlgorithm: options.cipher ?? AES256_GCM,
      keyEncryptionAlgorithm: options.keyTransport ?? RSA_OAEP,
      requestSignatureAlgorithm: options.signatureAlgorithm ?? RSA_SHA256,
      generateID: () => `_${crypto.randomUUID()}`,
    } as Parameters<typeof samlify.IdentityProvider>[0]);
  }

  get metadata(): string {
    return this.#idp.getMetadata();
  }

  /** As its operator does with the metadata of the product. */
  trust(serviceProviderMetadata: string): void {
    this.#sp = samlify.ServiceProvider({
      metadata: serviceProviderMetadata
        // What this library signs follows from the metadata alone.
        .replace(/WantAssertionsSigned="\w+"/, '')
        .replace('<SPSSODescriptor', `<SPSSODescriptor WantAssertionsSigned="${String(this.#signs !== 'response')}"`),
      wantMessageSigned: this.#signs !== 'assertion',
    });
  }

  /** @param location where the product sent the browser @throws when the request is not signed by the product */
  async read(location: string): Promise<ReadRequest> {
    const url = new URL(location);
    const query = Object.fromEntries(url.searchParams);
    const octetString = ['SAMLRequest', 'RelayState', 'SigAlg']
      .filter((name) => url.searchParams.has(name))
      .map((name) => `${name}=${encodeURIComponent(query[name] ?? '')}`)
      .join('&');
    const { extract, samlContent } = await this.#idp.parseLoginRequest(this.#trusted, 'redirect', {
      query,
      octetString,
    });
    const request = (extract as { request?: Record<string, string> }).request ?? {};
    return {
      id: request['id'] ?? '',
      relayState: query['RelayState'],
      forceAuthn: samlContent.includes(' ForceAuthn="true"'),
      acs: request['assertionConsumerServiceUrl'] ?? '',
    };
  }

  /**
   * The form field `SAMLResponse`.
   * @param bend replaces what the answer says before it is signed
   * @param bendXml rewrites all of it before it is signed
   */
  async answer(
    requestId: string | undefined,
    person: SamlPerson,
    bend: AnswerTags = {},
    bendXml: (xml: string) => string = (xml) => xml,
  ): Promise<string> {
    const acs = this.#trusted.entityMeta.getAssertionConsumerService('post') as string;
    const now = Date.now();
    const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
    const audience = this.#trusted.entityMeta.getEntityID();
    const tags: Record<string, string | undefined> = {
      ID: `_${crypto.randomUUID()}`,
      AssertionID: `_${crypto.randomUUID()}`,
      Destination: acs,
      SubjectRecipient: acs,
      AssertionConsumerServiceURL: acs,
      Audience: audience,
      EntityID: audience,
      Issuer: this.entityId,
      IssueInstant: at(0),
      StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
      ConditionsNotBefore: at(0),
      ConditionsNotOnOrAfter: at(300),
      SubjectConfirmationDataNotOnOrAfter: at(300),
      NameIDFormat: PERSISTENT,
      NameID: person.nameId,
      InResponseTo: requestId,
      AuthnInstant: at(0),
      AuthnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      SessionIndex: `_${crypto.randomUUID()}`,
      ...bend,
    };
    const { context } = await this.#idp.createLoginResponse(
      this.#trusted,
      { extract: { request: { id: requestId ?? '' } } },
      'post',
      {},
      {
        encryptThenSign: this.#signs !== 'assertion',
        customTagReplacement: (template) => ({
          id: tags['ID'] ?? '',
          context: bendXml(
            samlify.SamlLib.replaceTagsByValue(
              template
                .replace('{AuthnStatement}', AUTHN_STATEMENT)
                .replace('{AttributeStatement}', attributeStatement(person.attributes ?? {})),
              tags,
            ),
          ),
        }),
      },
    );
    return context;
  }

  get #trusted(): ServiceProviderConstructor {
    if (!this.#sp) throw new Error('the identity provider was not given the metadata of the product');
    return this.#sp;
  }
}

const AUTHN_STATEMENT =
  '<saml:AuthnStatement AuthnInstant="{AuthnInstant}" SessionIndex="{SessionIndex}"><saml:AuthnContext>' +
  '<saml:AuthnContextClassRef>{AuthnContext}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>';

function attributeStatement(attributes: Readonly<Record<string, readonly string[]>>): string {
  const each = Object.entries(attributes).map(([name, values]) => {
    const inside = values.map((value) => `<saml:AttributeValue>${escaped(value)}</saml:AttributeValue>`).join('');
    return `<saml:Attribute Name="${escaped(name)}">${inside}</saml:Attribute>`;
  });
  return each.length === 0 ? '' : `<saml:AttributeStatement>${each.join('')}</saml:AttributeStatement>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** A response as text, and back: what an attacker in the browser does with it. */
export function rewritten(encoded: string, change: (xml: string) => string): string {
  return Buffer.from(change(Buffer.from(encoded, 'base64').toString('utf8'))).toString('base64');
}
