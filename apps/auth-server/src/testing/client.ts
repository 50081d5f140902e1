import { hash, randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { LightMyRequestResponse } from 'fastify';
import type { Browser, Page } from './browser.js';
import { INVOICES, PASSWORD } from './trial-server.js';

export const REDIRECT_URI = 'http://127.0.0.1:51234/callback';

/** A public client that registers itself, as MCP clients do. */
export class TrialClient {
  readonly verifier = randomBytes(32).toString('base64url');

  constructor(
    private readonly app: NestFastifyApplication,
    readonly id: string,
    readonly base = '',
  ) {}

  static async register(app: NestFastifyApplication, metadata: object = {}, base = ''): Promise<TrialClient> {
    const answer = await app.inject({
      method: 'POST',
      url: `${base}/register`,
      payload: {
        client_name: 'Ledger assistant',
        redirect_uris: ['http://127.0.0.1/callback'],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        ...metadata,
      },
    });
    if (answer.statusCode !== 201) throw new Error(`registration answered ${answer.statusCode}: ${answer.body}`);
    return new TrialClient(app, answer.json<{ client_id: string }>().client_id, base);
  }

  authorizePath(parameters: Readonly<Record<string, string | undefined>> = {}): string {
    return `${this.base}/authorize?${this.authorizeQuery(parameters)}`;
  }

  authorizeQuery(parameters: Readonly<Record<string, string | undefined>> = {}): string {
    const all: Record<string, string | undefined> = {
      response_type: 'code',
      client_id: this.id,
      redirect_uri: REDIRECT_URI,
      code_challenge: hash('sha256', this.verifier, 'base64url'),
      code_challenge_method: 'S256',
      resource: INVOICES,
      scope: 'invoices:read invoices:write',
      state: 'a state',
      ...parameters,
    };
    return new URLSearchParams(
      Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
    ).toString();
  }

  async token(parameters: Readonly<Record<string, string>>, headers: object = {}): Promise<LightMyRequestResponse> {
    return this.#form('token', { client_id: this.id, ...parameters }, headers);
  }

  async revoke(token: string): Promise<LightMyRequestResponse> {
    return this.#form('revoke', { client_id: this.id, token });
  }

  async redeem(code: string): Promise<LightMyRequestResponse> {
    return this.token({
      grant_type: 'authorization_code',
      code,
      code_verifier: this.verifier,
      redirect_uri: REDIRECT_URI,
    });
  }

  async refresh(refreshToken: string): Promise<LightMyRequestResponse> {
    return this.token({ grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  #form(path: string, parameters: Readonly<Record<string, string>>, headers: object = {}) {
    return this.app.inject({
      method: 'POST',
      url: `${this.base}/${path}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams(parameters).toString(),
    });
  }
}

/** From the authorization request to the consent page, signing in where the server asks for it. */
export async function toConsent(browser: Browser, client: TrialClient, username = 'anna', more = {}): Promise<Page> {
  const page = await browser.follow(await browser.get(client.authorizePath(more)));
  if (!page.body.includes('<h1>Sign in</h1>')) return page;
  return browser.follow(await browser.submit(page, 'sign-in', { username, password: PASSWORD }));
}

/** The whole journey; the redirect to the client. */
export async function approve(browser: Browser, client: TrialClient, username = 'anna', more = {}): Promise<URL> {
  const answer = await browser.submit(await toConsent(browser, client, username, more), 'consent', {
    decision: 'approve',
  });
  return new URL(answer.location ?? 'about:blank');
}

export async function codeFor(browser: Browser, client: TrialClient): Promise<string> {
  return (await approve(browser, client)).searchParams.get('code') ?? '';
}
