/** The identity provider of a company: oidc-provider with its own pages, on this machine. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** It comes without types. */
const LIBRARY = 'oidc-provider';
interface Library {
  readonly Provider: new (issuer: string, configuration: object) => { callback(): RequestListener };
}

export interface Employee {
  readonly email: string;
  readonly email_verified: boolean;
  readonly name: string;
  readonly preferred_username: string;
  readonly groups: readonly string[];
}

export interface CorporateOidc {
  readonly issuer: string;
  /** By the name that they type, which is also their subject. */
  readonly employees: Map<string, Employee>;
  close(): Promise<void>;
}

export const CORPORATE_CLIENT = { id: 'gatehouse', secret: 'a secret that the two share 0123456789' };

export async function startCorporateOidc(callbacks: readonly string[]): Promise<CorporateOidc> {
  const server: Server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const employees = new Map<string, Employee>();
  const { Provider } = (await import(LIBRARY)) as Library;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CORPORATE_CLIENT.id,
        client_secret: CORPORATE_CLIENT.secret,
        redirect_uris: [...callbacks],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_basic',
        application_type: 'native',
      },
    ],
    claims: {
      openid: ['sub', 'sid'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username'],
      groups: ['groups'],
    },
    scopes: ['openid', 'email', 'profile', 'groups'],
    pkce: { required: () => true },
    cookies: { keys: ['one'] },
    findAccount: (_: unknown, id: string) => {
      const employee = employees.get(id);
      return employee && { accountId: id, claims: () => ({ sub: id, ...employee }) };
    },
  });
  // Its warnings say that it is not set up for production.
  server.on('request', provider.callback());
  return {
    issuer,
    employees,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close').catch(() => undefined);
    },
  };
}
