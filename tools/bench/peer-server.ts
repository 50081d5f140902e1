/**
 * The process of the peer: oidc-provider as a careful operator would run it for the same work. Static clients, ES256, JWT
 * access tokens (opaque ones only where introspection is measured, for it introspects no others), refresh tokens rotated
 * at every use, PKCE required, no ID token. Signing in and consenting is one redirect, done before anything is measured.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pg from 'pg';
import { peerAdapter } from './peer-adapter.ts';
import { REDIRECT, RESOURCE, SCOPE } from './target.ts';

/** What we use of it; it brings no types. */
interface Grant {
  addResourceScope(resource: string, scope: string): void;
  save(): Promise<string>;
}
interface Provider {
  readonly Grant: new (properties: Readonly<Record<string, string>>) => Grant;
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
}

export interface PeerOptions {
  readonly issuer: string;
  readonly port: number;
  readonly database: string;
  readonly poolSize: number;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Of this resource access tokens are opaque. */
export const OPAQUE_RESOURCE = `${RESOURCE}/opaque`;

async function serve(options: PeerOptions): Promise<void> {
  const pool = new pg.Pool({ connectionString: options.database, max: options.poolSize });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const library = 'oidc-provider';
  const { default: OidcProvider } = (await import(library)) as {
    readonly default: new (issuer: string, configuration: object) => Provider;
  };
  const provider = new OidcProvider(options.issuer, {
    adapter: peerAdapter(pool),
    clients: [
      {
        client_id: options.clientId,
        client_secret: options.clientSecret,
        redirect_uris: [REDIRECT],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'ES256' }] },
    cookies: { keys: ['bench'] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    ttl: { AccessToken: 300, ClientCredentials: 300, RefreshToken: 86_400, Session: 86_400, Grant: 86_400 },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: SCOPE,
          audience: resource,
          accessTokenTTL: 300,
          accessTokenFormat: resource === OPAQUE_RESOURCE ? 'opaque' : 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
  const answer = provider.callback();
  let people = 0;
  const agree = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    people += 1;
    const accountId = `account-${String(people)}`;
    const grant = new provider.Grant({ accountId, clientId: options.clientId });
    grant.addResourceScope(RESOURCE, SCOPE);
    const grantId = await grant.save();
    await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId } });
  };
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/interaction/') === true) void agree(request, response);
    else answer(request, response);
  });
  server.listen(options.port, '127.0.0.1', () => process.send?.('listening'));
}

const [, , options] = process.argv;
if (process.send && options !== undefined) await serve(JSON.parse(options) as PeerOptions);
