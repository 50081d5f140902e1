/**
 * The OAuth side of an MCP client, as the official SDKs (v1 and v2) want it: everything in memory, bound to one issuer,
 * `state` checked. The SDK asks for a visit to the authorization URL; `browse` makes it.
 */
import { randomBytes } from 'node:crypto';

interface Registration {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly issuer?: string;
}
interface StoredTokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly refresh_token?: string;
  readonly expires_in?: number;
  readonly scope?: string;
  readonly issuer?: string;
}

export class MemoryOAuthProvider {
  /** Every authorization URL the SDK wanted visited, oldest first. */
  readonly visited: URL[] = [];
  readonly redirectUrl: string;
  /** Where the client publishes its metadata document; undefined: it registers itself. */
  readonly clientMetadataUrl?: string;
  readonly #name: string;
  readonly #visit: (url: string) => Promise<string>;
  #pending: URL | undefined;
  #state: string | undefined;
  #client: Registration | undefined;
  #tokens: StoredTokens | undefined;
  #verifier: string | undefined;
  // The discovery state is the SDK's own; it only has to come back as it was.
  #discovery: unknown;

  constructor(options: {
    readonly name: string;
    readonly redirectUri: string;
    readonly visit: (url: string) => Promise<string>;
    readonly clientMetadataUrl?: string;
  }) {
    this.#name = options.name;
    this.redirectUrl = options.redirectUri;
    this.#visit = options.visit;
    if (options.clientMetadataUrl !== undefined) this.clientMetadataUrl = options.clientMetadataUrl;
  }

  get clientMetadata() {
    return {
      client_name: this.#name,
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native' as const,
    };
  }

  state(): string {
    this.#state = randomBytes(16).toString('base64url');
    return this.#state;
  }

  clientInformation(): Registration | undefined {
    return this.#client;
  }

  saveClientInformation(client: Registration): void {
    this.#client = client;
  }

  tokens(): StoredTokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: StoredTokens): void {
    this.#tokens = tokens;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    if (this.#verifier === undefined) throw new Error('no authorization is under way');
    return this.#verifier;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see #discovery
  saveDiscoveryState(state: any): void {
    this.#discovery = state;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see #discovery
  discoveryState(): any {
    return this.#discovery;
  }

  redirectToAuthorization(url: URL): void {
    this.visited.push(url);
    this.#pending = url;
  }

  /**
   * Sends the person's browser to the authorization URL; the authorization response, to be handed to `finishAuth`.
   * @throws Error when the SDK asked for no visit, when `state` is not the one sent, or when the answer is a refusal
   */
  async browse(): Promise<URLSearchParams> {
    const url = this.#pending;
    const state = this.#state;
    this.#pending = this.#state = undefined;
    if (!url || state === undefined) throw new Error('nobody asked for authorization');
    const parameters = new URL(await this.#visit(url.href)).searchParams;
    if (parameters.get('state') !== state) throw new Error('a foreign state came back');
    if (!parameters.has('code')) throw new Error(`refused: ${parameters.get('error') ?? 'no code'}`);
    return parameters;
  }
}
