/**
 * The metadata of identity providers that an operator named by address. Fresh for ten minutes; a source that fails then is
 * covered by what it said before, for a day, so that its outage is not ours. Each replica has its own; any may be lost.
 */
import { SsoProblem, type UpstreamFetch } from '@gatehouse/identity';
import type { Clock } from '@gatehouse/protocol';
import { type IdentityProviderMetadata, identityProviderMetadata } from './identity-provider-metadata.js';
import type { SamlSettings } from './settings.js';

interface Kept {
  readonly metadata: IdentityProviderMetadata;
  readonly at: number;
  /** When somebody last asked the source. */
  asked: number;
}

const FRESH = 10 * 60_000;
const USABLE = 24 * 3_600_000;
/** A response of an unknown key makes us ask again, but no stranger makes us ask all the time. */
const LEAST_PAUSE = 60_000;
const MOST_KEPT = 100;
const LARGEST = 500_000;

export class MetadataCache {
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<IdentityProviderMetadata>>();

  constructor(
    private readonly fetch: UpstreamFetch,
    private readonly clock: Clock,
    private readonly loopback: boolean,
  ) {}

  async of(settings: SamlSettings): Promise<IdentityProviderMetadata> {
    const { metadata } = settings;
    if ('xml' in metadata) return this.#parsed(metadata.xml, settings);
    const kept = this.#kept.get(keyOf(metadata.url, settings));
    if (kept && this.#age(kept.at) < FRESH) return kept.metadata;
    try {
      return await this.#asked(metadata.url, settings);
    } catch (error) {
      if (kept && this.#age(kept.at) < USABLE) return kept.metadata;
      throw error;
    }
  }

  /** Newer metadata than what was just used, if the source has had a minute to have some. */
  async newer(settings: SamlSettings, than: IdentityProviderMetadata): Promise<IdentityProviderMetadata | undefined> {
    const { metadata } = settings;
    if ('xml' in metadata) return undefined;
    const kept = this.#kept.get(keyOf(metadata.url, settings));
    if (kept && this.#age(kept.asked) < LEAST_PAUSE) return undefined;
    if (kept) kept.asked = this.clock.now().getTime();
    const found = await this.#asked(metadata.url, settings).catch(() => undefined);
    return found && JSON.stringify(found) !== JSON.stringify(than) ? found : undefined;
  }

  #asked(url: string, settings: SamlSettings): Promise<IdentityProviderMetadata> {
    const key = keyOf(url, settings);
    // Many people at once are one question.
    const running = this.#underWay.get(key);
    if (running) return running;
    const asking = this.#read(url, key, settings).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asking);
    return asking;
  }

  async #read(url: string, key: string, settings: SamlSettings): Promise<IdentityProviderMetadata> {
    const accept = 'application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9';
    const { network } = settings;
    const answer = await this.fetch.fetch(url, { method: 'GET', headers: { accept }, maxBytes: LARGEST, network });
    if (answer.status !== 200)
      throw new SsoProblem('provider_unavailable', new Error(`status ${String(answer.status)}`));
    const metadata = await this.#parsed(new TextDecoder().decode(answer.body), settings);
    const at = this.clock.now().getTime();
    this.#kept.delete(key);
    this.#kept.set(key, { metadata, at, asked: at });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return metadata;
  }

  #parsed(text: string, { entityId }: SamlSettings): Promise<IdentityProviderMetadata> {
    return identityProviderMetadata(text, { entityId, now: this.clock.now(), loopback: this.loopback });
  }

  #age(at: number): number {
    return this.clock.now().getTime() - at;
  }
}

function keyOf(url: string, { entityId, network }: SamlSettings): string {
  return JSON.stringify([url, entityId, network]);
}
