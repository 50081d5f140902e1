/**
 * SAML 2.0 as a service provider: a signed request by redirect, an answer by POST to our assertion consumer service. The answer
 * must be to a request of ours, and each assertion counts once over all replicas. One fetch at most (metadata that is
 * named by address), one signature to depart; to arrive one or two verifications and one insert.
 * @see docs/decisions/0026-saml-and-ldap.md
 */
import {
  type ArriveInput,
  type ConfiguredProvider,
  type DepartInput,
  type Departure,
  type ExternalPerson,
  type ProviderSecrets,
  RedirectConnector,
  SsoProblem,
  type UpstreamFetch,
  type UsedAssertionStore,
} from '@gatehouse/identity';
import type { Clock } from '@gatehouse/protocol';
import { SAML, generateServiceProviderMetadata } from '@node-saml/node-saml';
import { randomBytes } from 'node:crypto';
import { type Assertion, CLOCK_SKEW } from './assertion.js';
import { type IdentityProviderMetadata, UnusableMetadata } from './identity-provider-metadata.js';
import { MetadataCache } from './metadata-cache.js';
import { externalPerson } from './saml-person.js';
import { RefusedByProvider, verifiedAssertion } from './saml-response.js';
import { type ServiceProviderKeys, newServiceProviderKeys, serviceProviderKeys } from './service-provider-keys.js';
import { SAML_SETTINGS, type SamlSettings } from './settings.js';

export interface SamlConnectorParts {
  readonly fetch: UpstreamFetch;
  readonly used: UsedAssertionStore;
  readonly clock: Clock;
  /** Development only: identity providers on this machine may be without TLS. */
  readonly loopback?: boolean;
}

interface Configured {
  readonly settings: SamlSettings;
  readonly keys: ServiceProviderKeys;
}

export class SamlConnector extends RedirectConnector {
  override readonly kind = 'saml';
  readonly #parts: SamlConnectorParts;
  readonly #metadata: MetadataCache;

  constructor(parts: SamlConnectorParts) {
    super();
    this.#parts = parts;
    this.#metadata = new MetadataCache(parts.fetch, parts.clock, parts.loopback ?? false);
  }

  override problems(settings: unknown, secrets: ProviderSecrets): readonly string[] {
    const parsed = SAML_SETTINGS.safeParse(settings);
    const found = parsed.success
      ? []
      : parsed.error.issues.map(({ path, code }) => `settings.${path.map(String).join('.')}: ${code}`);
    try {
      serviceProviderKeys(secrets);
    } catch (error) {
      found.push(error instanceof TypeError ? error.message : 'secrets');
    }
    return found;
  }

  /** Keys of our own for a provider that is new. */
  override async complete(id: string, secrets: ProviderSecrets): Promise<ProviderSecrets> {
    return Object.keys(secrets).length > 0 ? secrets : newServiceProviderKeys(id, this.#parts.clock);
  }

  override async probe(provider: ConfiguredProvider): Promise<readonly string[]> {
    const { settings } = configured(provider);
    const { entityId, signInUrl, certificates } = await this.#identityProvider(settings);
    return [`identity provider ${entityId}`, `sign-in at ${signInUrl}`, `${certificates.length} certificate(s)`];
  }

  override async depart(provider: ConfiguredProvider, input: DepartInput): Promise<Departure> {
    const { settings, keys } = configured(provider);
    const { signInUrl, certificates } = await this.#identityProvider(settings);
    const requestId = `_${randomBytes(20).toString('hex')}`;
    // SAML knows no age of a sign-in that is still good: who asks for one gets a new one.
    const anew = input.anew === true || input.maxAge !== undefined;
    const request = new SAML({
      callbackUrl: input.callback,
      issuer: entityIdOf(input.callback),
      idpCert: [...certificates],
      entryPoint: signInUrl,
      privateKey: keys.signing.key,
      signatureAlgorithm: 'sha256',
      digestAlgorithm: 'sha256',
      identifierFormat: settings.nameIdFormat,
      forceAuthn: anew,
      disableRequestedAuthnContext: settings.requestedContexts.length === 0,
      authnContext: [...settings.requestedContexts],
      generateUniqueId: () => requestId,
    });
    const location = await request.getAuthorizeUrlAsync(input.state, undefined, {});
    const departedAt = this.#parts.clock.now().toISOString();
    return { location, memory: { requestId, departedAt, ...(anew ? { anew: 'yes' } : {}) } };
  }

  override async arrive(provider: ConfiguredProvider, input: ArriveInput): Promise<ExternalPerson> {
    const { settings, keys } = configured(provider);
    const departedAt = new Date(input.memory['departedAt'] ?? Number.NaN);
    const terms = {
      settings,
      keys,
      entityId: entityIdOf(input.callback),
      callback: input.callback,
      requestId: input.memory['requestId'] ?? '',
      departedAt,
      now: this.#parts.clock.now(),
    };
    const encoded = input.form?.get('SAMLResponse') ?? null;
    const before = await this.#identityProvider(settings);
    const { assertion, identityProvider } = await this.#verified(encoded, terms, before);
    // An answer of before the request was made is none to it, whatever it says that it is in response to.
    if (input.memory['anew'] === 'yes' && assertion.authenticatedAt.getTime() < departedAt.getTime() - CLOCK_SKEW)
      throw new SsoProblem('authentication_not_fresh');
    const person = externalPerson(identityProvider.entityId, assertion, settings);
    // Last: what is refused for another reason may be used when that is mended.
    if (!(await this.#parts.used.use(identityProvider.entityId, assertion.id, assertion.usableUntil)))
      throw new SsoProblem('invalid_provider_answer', new Error('an assertion that was used before'));
    return person;
  }

  /** For an operator to give to the identity provider. Nothing in it is secret. @throws SsoProblem */
  serviceProviderMetadata(provider: ConfiguredProvider, callback: string): string {
    const { settings, keys } = configured(provider);
    return generateServiceProviderMetadata({
      issuer: entityIdOf(callback),
      callbackUrl: callback,
      identifierFormat: settings.nameIdFormat,
      wantAssertionsSigned: settings.signed !== 'response',
      privateKey: keys.signing.key,
      publicCerts: [...keys.signingCertificates],
      decryptionPvk: keys.decryption[0]?.key ?? null,
      decryptionCert: keys.decryption[0]?.certificate ?? null,
      // The same at every reading: some identity providers compare.
      generateUniqueId: () => `_${provider.id}`,
    } as Parameters<typeof generateServiceProviderMetadata>[0]);
  }

  /** A key that the metadata did not name when it was read may be in it by now. */
  async #verified(
    encoded: string | null,
    terms: Omit<Parameters<typeof verifiedAssertion>[1], 'identityProvider'>,
    identityProvider: IdentityProviderMetadata,
  ): Promise<{ assertion: Assertion; identityProvider: IdentityProviderMetadata }> {
    try {
      return { assertion: await verifiedAssertion(encoded, { ...terms, identityProvider }), identityProvider };
    } catch (error) {
      if (error instanceof RefusedByProvider) throw new SsoProblem('provider_refused', error);
      const newer = isOfUnknownKey(error) ? await this.#metadata.newer(terms.settings, identityProvider) : undefined;
      if (newer) return this.#verified(encoded, terms, newer);
      throw new SsoProblem('invalid_provider_answer', error);
    }
  }

  async #identityProvider(settings: SamlSettings): Promise<IdentityProviderMetadata> {
    try {
      return await this.#metadata.of(settings);
    } catch (error) {
      if (error instanceof SsoProblem) throw error;
      throw new SsoProblem(
        error instanceof UnusableMetadata ? 'provider_misconfigured' : 'provider_unavailable',
        error,
      );
    }
  }
}

/** Our name at an identity provider is where our metadata is. */
export function entityIdOf(callback: string): string {
  return new URL('metadata', callback).href;
}

function configured({ settings, secrets }: ConfiguredProvider): Configured {
  try {
    return { settings: SAML_SETTINGS.parse(settings), keys: serviceProviderKeys(secrets) };
  } catch (error) {
    throw new SsoProblem('provider_misconfigured', error);
  }
}

/** node-saml's words for it. */
function isOfUnknownKey(error: unknown): boolean {
  return (
    error instanceof Error && /^Invalid (?:document )?signature(?: from encrypted assertion)?$/.test(error.message)
  );
}
