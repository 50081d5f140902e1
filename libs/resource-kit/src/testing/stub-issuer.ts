import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseBasic, SystemClock } from '@gatehouse/protocol';
import { TestIssuer } from '@gatehouse/token-validation/testing';

/** What an authorization server is to a resource server: metadata, keys and introspection over HTTP. */
export class StubIssuer {
  readonly requests: string[] = [];
  readonly revoked = new Set<string>();
  /** What introspection says of the binding of tokens. */
  readonly confirmations = new Map<string, object>();
  /** Answers of the introspection endpoint are then 500. */
  broken = false;
  readonly credentials = { id: 'rs-1', secret: 'a:secret/with+odd characters' };
  #server: Server | undefined;
  #signer: TestIssuer | undefined;

  static async start(): Promise<StubIssuer> {
    const issuer = new StubIssuer();
    const server = createServer((request, response) => {
      void issuer.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer.#server = server;
    const { port } = server.address() as AddressInfo;
    issuer.#signer = new TestIssuer(new SystemClock(), `http://127.0.0.1:${port}/t1`);
    return issuer;
  }

  get signer(): TestIssuer {
    if (!this.#signer) throw new Error('not started');
    return this.#signer;
  }

  get identifier(): string {
    return this.signer.identifier;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const path = request.url ?? '';
    this.requests.push(path);
    const { identifier, publicJwk } = this.signer;
    if (path === '/.well-known/oauth-authorization-server/t1')
      return {
        status: 200,
        body: {
          issuer: identifier,
          jwks_uri: `${identifier}/jwks.json`,
          introspection_endpoint: `${identifier}/introspect`,
        },
      };
    if (path === '/t1/jwks.json') return { status: 200, body: { keys: [publicJwk] } };
    if (path === '/t1/introspect') return this.#introspect(request);
    return { status: 404, body: {} };
  }

  async #introspect(request: IncomingMessage): Promise<{ status: number; body: object }> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const credentials = parseBasic(request.headers.authorization);
    if (this.broken) return { status: 500, body: { error: 'server_error' } };
    if (credentials?.id !== this.credentials.id || credentials.secret !== this.credentials.secret)
      return { status: 401, body: { error: 'invalid_client' } };
    const token = new URLSearchParams(body).get('token') ?? '';
    if (this.revoked.has(token)) return { status: 200, body: { active: false } };
    const cnf = this.confirmations.get(token);
    return { status: 200, body: { active: true, ...(cnf ? { cnf } : {}) } };
  }
}
