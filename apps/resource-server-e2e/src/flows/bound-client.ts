/** A client whose tokens are bound to its key, with tokens of the real issuer. */
import { DpopFetch, OAuthFlow, type StackAccount, type Tokens } from '@gatehouse/test-kit';
import { issuerUrl } from './tools.js';

const issuer = new OAuthFlow(issuerUrl);

/** A request that every token may make, for clients that write it by hand. */
export const LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
export const MCP = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export interface BoundClient {
  readonly dpop: DpopFetch;
  readonly clientId: string;
  readonly tokens: Tokens;
}

/** @throws Error when a step fails, or the tokens are bound to nothing */
export async function boundClient(account: StackAccount, resource: string, scope: string): Promise<BoundClient> {
  const dpop = await DpopFetch.create();
  const client = await issuer.register();
  const pending = issuer.begin(client, { resource, scope });
  const code = await issuer.approve(issuer.browser(), pending, { account });
  const answer = await dpop.fetch(issuer.endpoint('token'), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: pending.redirectUri,
      code_verifier: pending.pkce.verifier,
      client_id: client.client_id,
      resource,
    }),
  });
  const tokens = (await answer.json()) as Tokens;
  if (answer.status !== 200 || tokens.token_type !== 'DPoP')
    throw new Error(`no bound tokens: ${answer.status} ${tokens.token_type}`);
  return { dpop, clientId: client.client_id, tokens };
}
