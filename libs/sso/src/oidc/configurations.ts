/**
 * What providers say of themselves, kept for a while: a sign-in does not wait for a document that has not changed. It is
 * read anew after ten minutes; one that cannot be had then is good for an hour more. Each belongs to the settings that it
 * was read for, so a changed provider begins anew.
 */
import { type ConfiguredProvider, SsoProblem, type UpstreamFetch } from '@gatehouse/identity';
import type { Clock } from '@gatehouse/protocol';
import { importJWK, importPKCS8 } from 'jose';
import { createHash } from 'node:crypto';
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  type CustomFetch,
  type CryptoKey,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  PrivateKeyJwt,
  type ServerMetadata,
} from 'openid-client';
import { ID_TOKEN_ALGORITHMS, oidcSettings, type OidcSettings } from './oidc-settings.js';
import { asProblem } from './oidc-problem.js';

const FRESH = 600_000;
const USABLE = 3_600_000;
/** A document or a set of keys that is larger is none. */
const MAX_BYTES = 512 * 1024;

export interface OidcClient {
  readonly settings: OidcSettings;
  readonly config: Configuration;
}

interface Kept {
  readonly fingerprint: string;
  readonly client: Promise<OidcClient>;
  readonly readAt: number;
}

export interface ConfigurationsParts {
  readonly fetch: UpstreamFetch;
  readonly clock: Clock;
  /** Development only: providers on this machine may be reached without TLS. */
  readonly loopback: boolean;
}

export class Configurations {
  readonly #by: ConfigurationsParts;
  /** By provider: operators make these, so there are few. */
  readonly #kept = new Map<string, Kept>();

  constructor(parts: ConfigurationsParts) {
    this.#by = parts;
  }

  /** @throws SsoProblem */
  async of(provider: ConfiguredProvider): Promise<OidcClient> {
    const fingerprint = fingerprintOf(provider);
    const now = this.#by.clock.now().getTime();
    const kept = this.#kept.get(provider.id);
    const same = kept?.fingerprint === fingerprint ? kept : undefined;
    if (same && now - same.readAt < FRESH) return same.client;
    const client = this.read(provider);
    const next: Kept = { fingerprint, client, readAt: now };
    this.#kept.set(provider.id, next);
    try {
      return await client;
    } catch (error) {
      const old = same && now - same.readAt < USABLE ? same : undefined;
      if (this.#kept.get(provider.id) === next) {
        if (old) this.#kept.set(provider.id, old);
        else this.#kept.delete(provider.id);
      }
      if (old) return old.client;
      throw error;
    }
  }

  /** Without what is kept. @throws SsoProblem */
  async read(provider: ConfiguredProvider): Promise<OidcClient> {
    const parsed = oidcSettings.safeParse(provider.settings);
    if (!parsed.success) throw new SsoProblem('provider_misconfigured');
    const settings = parsed.data;
    const authentication = await clientAuthentication(settings, provider.secrets);
    const fetch = this.#fetchFor(settings);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated as a warning; loopback is what it is for
    const execute = this.#by.loopback ? [allowInsecureRequests] : [];
    try {
      const found = await discovery(new URL(settings.issuer), settings.client_id, undefined, authentication, {
        [customFetch]: fetch,
        execute,
        timeout: 5,
      });
      // The document alone: what comes with it as a method cannot be handed on.
      const server = JSON.parse(JSON.stringify(found.serverMetadata())) as ServerMetadata;
      // openid-client puts up with one that ends in a slash more; a token is compared byte for byte, so this is too.
      if (server.issuer !== settings.issuer || !this.#isAddress(server.authorization_endpoint))
        throw new SsoProblem('invalid_provider_answer');
      const config = new Configuration(
        {
          ...server,
          id_token_signing_alg_values_supported: signatureAlgorithms(server.id_token_signing_alg_values_supported),
        },
        settings.client_id,
        {},
        authentication,
      );
      config[customFetch] = fetch;
      config.timeout = 5;
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- as above
      if (this.#by.loopback) allowInsecureRequests(config);
      // Not TLS alone: the token is what is kept of it, so its signature is looked at.
      enableNonRepudiationChecks(config);
      return { settings, config };
    } catch (error) {
      throw asProblem(error);
    }
  }

  #fetchFor({ network }: OidcSettings): CustomFetch {
    return async (url, { method, headers, body }) => {
      if (method !== 'GET' && method !== 'POST') throw new SsoProblem('provider_misconfigured');
      const answer = await this.#by.fetch.fetch(url, {
        method,
        headers,
        network,
        maxBytes: MAX_BYTES,
        ...(body instanceof URLSearchParams || typeof body === 'string' ? { body: body.toString() } : {}),
      });
      const empty = answer.status === 204 || answer.status === 304 || answer.status < 200;
      if (answer.status < 200 || answer.status > 599) throw new SsoProblem('invalid_provider_answer');
      return new Response(empty ? null : Buffer.from(answer.body), { status: answer.status, headers: answer.headers });
    };
  }

  /** Where people are sent: never to plain http. */
  #isAddress(url: string | undefined): boolean {
    if (url === undefined || !URL.canParse(url)) return false;
    const { protocol, hostname } = new URL(url);
    return (
      protocol === 'https:' ||
      (this.#by.loopback && protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname))
    );
  }
}

/** Of what it offers; one that says nothing is taken at the default of the specification. @spec OpenID Connect Discovery 1.0 §3 */
function signatureAlgorithms(offered: readonly string[] | undefined): string[] {
  return (offered ?? ['RS256']).filter((algorithm) => ID_TOKEN_ALGORITHMS.includes(algorithm));
}

async function clientAuthentication(
  settings: OidcSettings,
  secrets: ConfiguredProvider['secrets'],
): Promise<ClientAuth> {
  const { client_secret: secret, private_key: key } = secrets;
  switch (settings.token_endpoint_auth_method) {
    case 'client_secret_basic':
      return ClientSecretBasic(secret);
    case 'client_secret_post':
      return ClientSecretPost(secret);
    case 'private_key_jwt': {
      const imported = await importPrivateKey(key ?? '', settings.key_algorithm);
      return PrivateKeyJwt(settings.key_id === undefined ? imported : { key: imported, kid: settings.key_id });
    }
  }
}

/** PKCS #8 in PEM, or a JWK. @throws SsoProblem */
async function importPrivateKey(text: string, algorithm: string): Promise<CryptoKey> {
  try {
    const key = text.trimStart().startsWith('{')
      ? await importJWK(JSON.parse(text) as Parameters<typeof importJWK>[0], algorithm)
      : await importPKCS8(text, algorithm);
    if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
    return key;
  } catch {
    // Its cause might quote the key.
    throw new SsoProblem('provider_misconfigured');
  }
}

function fingerprintOf({ id, settings, secrets }: ConfiguredProvider): string {
  return createHash('sha256')
    .update(JSON.stringify([id, settings, secrets]))
    .digest('base64url');
}
