/**
 * What a real MCP client does with a protected server, from the first 401 to the last refusal. The client is the official
 * SDK v2; each step is told from what went over the wire. No token is ever told.
 */
import {
  auth,
  Client,
  OAuthError,
  refreshAuthorization,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { protectedResourceMetadataUrl } from '@gatehouse/metadata';
import {
  type Exchange,
  MemoryOAuthProvider,
  pause,
  readChallenge,
  RecordingFetch,
  type Stack,
} from '@gatehouse/test-kit';
import { must, type Narrator } from './narrator.js';
import type { Visitor } from './visitor.js';

const STEP_UP = { tool: 'create_invoice', scope: 'invoices:write' } as const;
const NEW_INVOICE = { description: 'One demonstration', amount: 1250, currency: 'EUR' } as const;
/** After a revocation a resource server may still believe an answer it got within LIVENESS_SECONDS. */
const LIVENESS_PATIENCE = 15;

export class Story {
  readonly #resource: string;
  readonly #wire = new RecordingFetch();
  readonly #provider: MemoryOAuthProvider;
  #transport: StreamableHTTPClientTransport;
  /** Somebody to write an invoice to. */
  #customer = '';
  readonly #client = new Client({ name: 'gatehouse-demo', version: '1' }, { versionNegotiation: { mode: 'auto' } });

  constructor(
    private readonly stack: Stack,
    private readonly visitor: Visitor,
    private readonly tell: Narrator,
  ) {
    this.#resource = stack.resources[0];
    this.#provider = new MemoryOAuthProvider({
      name: 'Gatehouse demo',
      redirectUri: visitor.redirectUri,
      visit: (url) => visitor.visit(url),
    });
    this.#transport = this.#newTransport();
  }

  async play(): Promise<void> {
    this.tell.say(`An MCP client meets ${this.#resource}`);
    try {
      await this.#discover();
      await this.#authorize();
      await this.#useTools();
      await this.#stepUp();
      await this.#refresh();
      await this.#revoke();
    } finally {
      await this.#client.close();
    }
    this.tell.end();
  }

  /** The SDK does these at once, on the first request; they are told apart by the wire. */
  async #discover(): Promise<void> {
    const metadataUrl = protectedResourceMetadataUrl(this.#resource);
    await this.tell.step('call without a token', async () => {
      const outcome = await this.#client.connect(this.#transport).then(
        () => undefined,
        (error: unknown) => error,
      );
      must(outcome instanceof UnauthorizedError, `the SDK did not ask for authorization: ${String(outcome)}`);
      const refused = this.#seen('the first request', ({ url }) => url === this.#resource);
      must(!refused.requestHeaders.has('authorization'), 'the first request carried a token');
      must(refused.status === 401, `it was answered with ${refused.status}`);
      const { scheme, parameters } = readChallenge(refused.responseHeaders.get('www-authenticate'));
      must(scheme === 'Bearer' && parameters['error'] === undefined, 'the challenge is not a bare Bearer challenge');
      must(parameters['resource_metadata'] === metadataUrl, 'the challenge names no metadata');
      return {
        told: `401, the challenge names the metadata and scope ${parameters['scope'] ?? '(none)'}`,
        value: undefined,
      };
    });
    await this.tell.step('protected resource metadata', async () => {
      const document = json(this.#seen('the resource metadata', ({ url }) => url === metadataUrl));
      must(document['resource'] === this.#resource, 'it describes another resource');
      const servers = document['authorization_servers'];
      must(Array.isArray(servers) && servers[0] === this.stack.issuer, 'it names another authorization server');
      return { told: `authorization server ${this.stack.issuer}`, value: undefined };
    });
    await this.tell.step('authorization server metadata', async () => {
      const document = json(
        this.#seen(
          'the server metadata',
          ({ url, status }) => url.includes('/.well-known/oauth-authorization-server') && status === 200,
        ),
      );
      must(document['issuer'] === this.stack.issuer, 'its issuer is another one');
      must(holds(document['code_challenge_methods_supported'], 'S256'), 'it does not offer PKCE with S256');
      must(document['authorization_response_iss_parameter_supported'] === true, 'it does not announce iss');
      return { told: 'issuer as announced, PKCE S256, registration open, iss in responses', value: undefined };
    });
    await this.tell.step('registration', async () => {
      const exchange = this.#seen(
        'the registration',
        ({ url, method }) => url.endsWith('/register') && method === 'POST',
      );
      must(exchange.status === 201, `it was answered with ${exchange.status}`);
      const id = json(exchange)['client_id'];
      must(typeof id === 'string' && id === this.#provider.clientInformation()?.client_id, 'it gave no client id');
      return { told: `this client is now ${id}`, value: undefined };
    });
  }

  async #authorize(): Promise<void> {
    const response = await this.tell.step('sign-in and consent in the browser', async () => {
      const sent = this.#provider.visited[0]?.searchParams;
      must(sent?.get('code_challenge_method') === 'S256', 'the request had no S256 challenge');
      must(sent.get('resource') === this.#resource, 'the request did not name the resource');
      const value = await this.#browse();
      const { consentText } = this.visitor;
      must(
        consentText === undefined || consentText.includes('Gatehouse demo'),
        'the consent page does not name the client',
      );
      return { told: `${sent.get('scope') ?? 'default scopes'} granted, back with code, state and iss`, value };
    });
    await this.tell.step('code, PKCE verifier and resource', async () => {
      await this.#transport.finishAuth(response);
      const request = this.#tokenRequest('authorization_code');
      must(request.body.has('code_verifier'), 'no verifier was sent');
      must(request.body.get('resource') === this.#resource, 'no resource was sent');
      const { token_type, expires_in, scope } = request.answer;
      must(String(token_type).toLowerCase() === 'bearer', 'the token is no bearer token');
      return {
        told: `access token for this server only, ${String(expires_in)} s, scope ${String(scope)}`,
        value: undefined,
      };
    });
  }

  async #useTools(): Promise<void> {
    await this.tell.step('tools/list', async () => {
      this.#transport = this.#newTransport();
      await this.#client.connect(this.#transport);
      const { tools } = await this.#client.listTools();
      must(tools.length > 0, 'there are no tools');
      must(this.#seen('tools/list', calls('tools/list')).status === 200, 'it was not answered with 200');
      return { told: tools.map(({ name }) => name).join(', '), value: undefined };
    });
    await this.tell.step('tools/call list_invoices', async () => {
      const result = await this.#client.callTool({ name: 'list_invoices', arguments: {} });
      must(result.isError !== true, 'the tool failed');
      const { invoices } = result.structuredContent as { invoices: { customer: string }[] };
      this.#customer = invoices[0]?.customer ?? '';
      const call = this.#seen('the call', calls('tools/call'));
      must(/^Bearer /.test(call.requestHeaders.get('authorization') ?? ''), 'the token was not in the header');
      return {
        told: `${String(call.status)}, ${String(invoices.length)} invoices, in protocol ${call.requestHeaders.get('mcp-protocol-version') ?? '?'}`,
        value: undefined,
      };
    });
  }

  async #stepUp(): Promise<void> {
    const call = () =>
      this.#client.callTool({ name: STEP_UP.tool, arguments: { ...NEW_INVOICE, customer: this.#customer } });
    await this.tell.step(`tools/call ${STEP_UP.tool}, a scope short`, async () => {
      const outcome = await call().then(
        () => undefined,
        (error: unknown) => error,
      );
      must(outcome instanceof UnauthorizedError, `the SDK did not step up: ${String(outcome)}`);
      const refused = this.#seen('the refused call', calls('tools/call'));
      must(refused.status === 403, `it was answered with ${refused.status}`);
      const { parameters } = readChallenge(refused.responseHeaders.get('www-authenticate'));
      must(parameters['error'] === 'insufficient_scope', 'the challenge is no insufficient_scope');
      must(words(parameters['scope']).includes(STEP_UP.scope), `the challenge does not ask for ${STEP_UP.scope}`);
      return { told: `403 insufficient_scope, it needs ${parameters['scope'] ?? ''}`, value: undefined };
    });
    await this.tell.step('consent again, for more', async () => {
      const asked = words(this.#provider.visited[1]?.searchParams.get('scope') ?? undefined);
      must(asked.includes(STEP_UP.scope) && asked.length > 1, 'the second request did not ask for the union of scopes');
      await this.#transport.finishAuth(await this.#browse());
      const { scope } = this.#tokenRequest('authorization_code').answer;
      must(words(String(scope)).includes(STEP_UP.scope), 'the scope was not granted');
      return { told: `scope is now ${String(scope)}`, value: undefined };
    });
    await this.tell.step(`tools/call ${STEP_UP.tool} again`, async () => {
      const result = await call();
      must(result.isError !== true, 'the tool failed');
      must(this.#seen('the call', calls('tools/call')).status === 200, 'it was not answered with 200');
      const { id } = result.structuredContent as { id: string };
      return { told: `200, ${id} is written`, value: undefined };
    });
  }

  async #refresh(): Promise<void> {
    await this.tell.step('refresh', async () => {
      const before = this.#provider.tokens();
      const outcome = await auth(this.#provider, { serverUrl: this.#resource, fetchFn: this.#wire.fetch });
      const after = this.#provider.tokens();
      const request = this.#tokenRequest('refresh_token');
      must(outcome === 'AUTHORIZED' && request.body.get('resource') === this.#resource, 'the SDK did not refresh');
      must(before?.access_token !== after?.access_token, 'the access token is the old one');
      must(before?.refresh_token !== after?.refresh_token, 'the refresh token did not rotate');
      await this.#client.listTools({}, { cacheMode: 'bypass' });
      must(this.#seen('tools/list', calls('tools/list')).status === 200, 'the new token was not accepted');
      return { told: 'a new access token that works, and the refresh token has rotated', value: undefined };
    });
  }

  async #revoke(): Promise<void> {
    const tokens = this.#provider.tokens();
    const client = this.#provider.clientInformation();
    must(tokens?.refresh_token !== undefined && client !== undefined, 'there is nothing to revoke');
    const refreshToken = tokens.refresh_token;
    const metadata = json(
      this.#seen(
        'the server metadata',
        ({ url, status }) => url.includes('/.well-known/oauth-authorization-server') && status === 200,
      ),
    );
    const revokedAt = await this.tell.step('revoke', async () => {
      const response = await this.#wire.fetch(String(metadata['revocation_endpoint']), {
        method: 'POST',
        body: new URLSearchParams({
          token: refreshToken,
          token_type_hint: 'refresh_token',
          client_id: client.client_id,
        }),
      });
      must(response.status === 200, `it was answered with ${response.status}`);
      return { told: 'the authorization has ended', value: performance.now() };
    });
    await this.tell.step('the refresh token afterwards', async () => {
      const refused = await refreshAuthorization(this.stack.issuer, {
        metadata: metadata as never,
        clientInformation: client,
        refreshToken,
        resource: new URL(this.#resource),
        fetchFn: this.#wire.fetch,
      }).then(
        () => undefined,
        (error: unknown) => error,
      );
      must(refused instanceof OAuthError && refused.code === 'invalid_grant', 'it was not invalid_grant');
      return { told: 'refused, invalid_grant', value: undefined };
    });
    await this.tell.step('the access token afterwards', async () => {
      for (;;) {
        const seconds = (performance.now() - revokedAt) / 1000;
        const response = await this.#wire.fetch(this.#resource, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${tokens.access_token}`,
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            'mcp-protocol-version': '2025-11-25',
          },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
        });
        if (response.status === 401) {
          const { parameters } = readChallenge(response.headers.get('www-authenticate'));
          must(parameters['error'] === 'invalid_token', 'the challenge is no invalid_token');
          return { told: `refused, 401 invalid_token, ${seconds.toFixed(1)} s after the revocation`, value: undefined };
        }
        must(seconds < LIVENESS_PATIENCE, `still accepted (${response.status}) after ${LIVENESS_PATIENCE} s`);
        await pause(500);
      }
    });
  }

  async #browse(): Promise<URLSearchParams> {
    const response = await this.#provider.browse();
    must(response.get('iss') === this.stack.issuer, 'iss is not the issuer');
    return response;
  }

  #newTransport(): StreamableHTTPClientTransport {
    return new StreamableHTTPClientTransport(new URL(this.#resource), {
      authProvider: this.#provider,
      fetch: this.#wire.fetch,
    });
  }

  #seen(what: string, fits: (exchange: Exchange) => boolean): Exchange {
    return this.#wire.last(what, fits);
  }

  #tokenRequest(grant: string) {
    const exchange = this.#seen(
      `a token request (${grant})`,
      ({ url, requestBody }) => url.endsWith('/token') && new URLSearchParams(requestBody).get('grant_type') === grant,
    );
    must(exchange.status === 200, `the token endpoint answered ${exchange.status}`);
    return { body: new URLSearchParams(exchange.requestBody), answer: json(exchange) };
  }
}

function calls(method: string): (exchange: Exchange) => boolean {
  return ({ requestBody }) => requestBody.includes(`"method":"${method}"`);
}

function json(exchange: Exchange): Record<string, unknown> {
  return JSON.parse(exchange.responseBody) as Record<string, unknown>;
}

function holds(list: unknown, member: string): boolean {
  return Array.isArray(list) && list.includes(member);
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(' ').filter((word) => word !== '');
}
