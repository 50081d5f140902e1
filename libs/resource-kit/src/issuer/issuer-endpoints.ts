import { authorizationServerMetadataUrls } from '@gatehouse/metadata';
import { z } from 'zod';
import { fetchJson } from './fetch-json.js';

const document = z.object({
  issuer: z.string(),
  jwks_uri: z.url(),
  introspection_endpoint: z.url().optional(),
});
type IssuerMetadata = z.output<typeof document>;

/** Where the issuer's keys and its introspection are, as its own metadata says. Read once it is needed, then kept. */
export class IssuerEndpoints {
  #metadata: Promise<IssuerMetadata> | undefined;

  constructor(private readonly issuer: string) {}

  async keySet(): Promise<string> {
    return (await this.#read()).jwks_uri;
  }

  async introspection(): Promise<string> {
    const { introspection_endpoint: url } = await this.#read();
    if (url === undefined) throw new Error('the issuer offers no introspection');
    return url;
  }

  /** After a failure everything may have moved: ask again. */
  forget(): void {
    this.#metadata = undefined;
  }

  #read(): Promise<IssuerMetadata> {
    this.#metadata ??= this.#fetch().catch((cause: unknown) => {
      this.forget();
      throw cause;
    });
    return this.#metadata;
  }

  async #fetch(): Promise<IssuerMetadata> {
    const [url = ''] = authorizationServerMetadataUrls(this.issuer);
    const metadata = document.parse(await fetchJson(url));
    // A document that names another issuer speaks for somebody else. @spec RFC 8414 §3.3
    if (metadata.issuer !== this.issuer) throw new Error('the metadata names another issuer');
    for (const endpoint of [metadata.jwks_uri, metadata.introspection_endpoint])
      if (endpoint !== undefined && this.issuer.startsWith('https:') && !endpoint.startsWith('https:'))
        throw new Error('the metadata names an endpoint without TLS');
    return metadata;
  }
}
