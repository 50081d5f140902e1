/**
 * OAuth requests by hand, one method a request, nothing checked on the way: for tests that send what a library would not.
 * `connected()` is the short way to a client with tokens.
 */
import { randomBytes } from 'node:crypto';
import { type Callback, type Decision, PageAgent } from '../browser/page-agent.js';
import { type Answer, type Ask, ask, form, type Travel } from '../http.js';
import { newPkce, type Pkce } from './pkce.js';

export interface RegisteredClient {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly redirect_uris: readonly string[];
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly token_type: string;
  readonly expires_in?: number;
  readonly scope?: string;
}

/** What a client knows between the redirect and the token request. */
export interface PendingAuthorization {
  readonly url: string;
  readonly client: RegisteredClient;
  readonly redirectUri: string;
  readonly resource: string | undefined;
  readonly state: string;
  readonly pkce: Pkce;
}

export interface Connected {
  readonly client: RegisteredClient;
  readonly resource: string | undefined;
  readonly tokens: Tokens & { readonly refresh_token: string };
}

export const LOOPBACK_CALLBACK = 'http://127.0.0.1:33999/callback';

export class OAuthFlow {
  readonly issuer: string;
  readonly #travel: Travel;

  constructor(issuer: string, travel: Travel = {}) {
    this.issuer = issuer;
    this.#travel = travel;
  }

  endpoint(path: string): string {
    return `${this.issuer.replace(/\/$/, '')}/${path}`;
  }

  ask(path: string, request: Ask = {}): Promise<Answer> {
    const url = this.endpoint(path);
    return ask(url, {
      ...request,
      via: request.via ?? this.#travel.via?.(url),
      headers: { ...this.#travel.headers, ...request.headers },
    });
  }

  browser(): PageAgent {
    return new PageAgent(this.#travel);
  }

  registration(metadata: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return this.ask('register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        // Identical registrations may share one client; in a test each is a client of its own unless it says otherwise.
        client_name: `Test client ${randomBytes(6).toString('hex')}`,
        redirect_uris: [LOOPBACK_CALLBACK],
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        ...metadata,
      }),
    });
  }

  /** @throws Error when the registration is refused */
  async register(metadata: Readonly<Record<string, unknown>> = {}): Promise<RegisteredClient> {
    return (await expected(await this.registration(metadata), 201)).json<RegisteredClient & Record<string, unknown>>();
  }

  /** `parameters` override or, when undefined, remove. */
  begin(
    client: RegisteredClient,
    options: {
      readonly resource?: string | undefined;
      readonly scope?: string;
      readonly parameters?: Readonly<Record<string, string | undefined>>;
    } = {},
  ): PendingAuthorization {
    const pkce = newPkce();
    const redirectUri = options.parameters?.['redirect_uri'] ?? client.redirect_uris[0] ?? LOOPBACK_CALLBACK;
    const parameters: Record<string, string | undefined> = {
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: redirectUri,
      state: randomBytes(12).toString('base64url'),
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
      resource: options.resource,
      scope: options.scope,
      ...options.parameters,
    };
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.append(name, value);
    return {
      url: `${this.endpoint('authorize')}?${query.toString()}`,
      client,
      redirectUri,
      resource: options.resource,
      state: parameters['state'] ?? '',
      pkce,
    };
  }

  /** @throws Error when the callback carries no code */
  async approve(browser: PageAgent, pending: PendingAuthorization, decision: Decision): Promise<string> {
    return codeOf(await browser.authorize(pending.url, decision, pending.redirectUri));
  }

  token(fields: Readonly<Record<string, string | undefined>>, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('token', form(fields, headers));
  }

  /** Sends the code with all that belongs to it; `more` overrides or, when undefined, removes. */
  redeem(
    pending: PendingAuthorization,
    code: string,
    more: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Answer> {
    return this.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: pending.redirectUri,
      code_verifier: pending.pkce.verifier,
      client_id: pending.client.client_id,
      client_secret: pending.client.client_secret,
      resource: pending.resource,
      ...more,
    });
  }

  refresh(
    connected: { readonly client: RegisteredClient; readonly resource: string | undefined },
    refreshToken: string,
    more: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Answer> {
    return this.token({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: connected.client.client_id,
      client_secret: connected.client.client_secret,
      resource: connected.resource,
      ...more,
    });
  }

  revoke(client: RegisteredClient, token: string, more: Record<string, string> = {}): Promise<Answer> {
    return this.ask(
      'revoke',
      form({ token, client_id: client.client_id, client_secret: client.client_secret, ...more }),
    );
  }

  introspect(authorization: string, token: string): Promise<Answer> {
    return this.ask('introspect', form({ token }, { authorization }));
  }

  /** Registration, pages, code, tokens. @throws Error or PageError when a step fails */
  async connected(options: {
    readonly decision: Decision;
    readonly resource?: string;
    readonly scope?: string;
    readonly client?: RegisteredClient;
    readonly browser?: PageAgent;
  }): Promise<Connected> {
    const client = options.client ?? (await this.register());
    const pending = this.begin(client, options);
    const code = await this.approve(options.browser ?? this.browser(), pending, options.decision);
    return { client, resource: options.resource, tokens: tokensOf(await this.redeem(pending, code)) };
  }
}

/** @throws Error that names the refusal when the callback carries no code */
export function codeOf(callback: Callback): string {
  const code = callback.parameters.get('code');
  if (code === null) throw new Error(`no code but ${callback.parameters.get('error') ?? 'nothing'}`);
  return code;
}

/** @throws Error when the answer is no token response with a refresh token */
export function tokensOf(answer: Answer): Tokens & { readonly refresh_token: string } {
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.text.slice(0, 300)}`);
  const tokens = answer.json<Tokens & { refresh_token: string }>();
  if (typeof tokens.access_token !== 'string' || typeof tokens.refresh_token !== 'string')
    throw new Error('the answer lacks an access token or a refresh token');
  return tokens;
}

/** Claims of a JWT, not verified. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
}

async function expected(answer: Answer, status: number): Promise<Answer> {
  if (answer.status !== status) throw new Error(`${answer.url}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return answer;
}
