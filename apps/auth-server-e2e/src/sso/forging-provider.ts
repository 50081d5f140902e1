/** An identity provider that does what it is told: tokens of any shape, no answer, answers without sense. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export type Claims = Record<string, unknown>;
/** The token endpoint's answer for what the house asked; `sign` makes an honest token of claims. */
export type Forge = (made: {
  readonly claims: Claims;
  readonly sign: (claims: Claims, header?: Readonly<Record<string, unknown>>) => Promise<string>;
}) => Promise<string> | string;
type Respond = (request: IncomingMessage, response: ServerResponse) => void;

export interface ForgingProvider {
  readonly issuer: string;
  /** What the next tokens are made of; honest unless something else is said. */
  forge: Forge;
  /** Instead of the honest answer, by path; for the time being. */
  readonly instead: Map<string, Respond>;
  /** Forms that came to the token endpoint. */
  readonly redeemed: URLSearchParams[];
  /** Nonce of the request that the code stands for. */
  nonce: string;
  /** Codes that were redeemed are refused the second time, as an honest provider does. */
  close(): Promise<void>;
}

export const FORGED_CLIENT = { id: 'gatehouse', secret: 'another secret that the two share 01' };
export const honest: Forge = ({ claims, sign }) => sign(claims);

export async function startForgingProvider(metadata: Claims = {}): Promise<ForgingProvider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const codes = new Set<string>();
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const provider: ForgingProvider = {
    issuer,
    forge: honest,
    instead: new Map(),
    redeemed: [],
    nonce: '',
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close').catch(() => undefined);
    },
  };
  const sign = (claims: Claims, header: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one', ...header }).sign(privateKey);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = (request.url ?? '').split('?');
    const instead = provider.instead.get(path);
    if (instead) {
      instead(request, response);
      return;
    }
    if (path === '/.well-known/openid-configuration')
      json(response, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
        authorization_response_iss_parameter_supported: true,
        ...metadata,
      });
    else if (path === '/jwks') json(response, { keys: [jwk] });
    else if (path === '/token') await token(request, response);
    else json(response, {}, 404);
  }

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request) body += String(part);
    const fields = new URLSearchParams(body);
    provider.redeemed.push(fields);
    const code = fields.get('code') ?? '';
    if (codes.has(code)) {
      json(response, { error: 'invalid_grant' }, 400);
      return;
    }
    codes.add(code);
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: 'zoe',
      aud: FORGED_CLIENT.id,
      iat: now,
      exp: now + 300,
      auth_time: now,
      nonce: provider.nonce,
      email: 'zoe@forged.example',
      email_verified: true,
      name: 'Zoë of the forger',
      groups: [],
    };
    json(response, {
      access_token: 'opaque',
      token_type: 'Bearer',
      expires_in: 60,
      id_token: await provider.forge({ claims, sign }),
    });
  }
  return provider;
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
