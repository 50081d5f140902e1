import {
  type Connected,
  McpRaw,
  OAuthFlow,
  readStack,
  type RpcAnswer,
  rpcOf,
  type StackAccount,
} from '@gatehouse/test-kit';

/** The running stack as these specs use it. */
const stack = readStack();
const issuer = new OAuthFlow(stack.issuer);

export const [invoicesUrl, expensesUrl] = stack.resources;
export const [anna, ben] = stack.accounts;
export const issuerUrl = stack.issuer;
export const invoices = new McpRaw(invoicesUrl);
export const expenses = new McpRaw(expensesUrl);
export const origin = new URL(invoicesUrl).origin;

/** A client that this person connected with these scopes. */
export function connect(account: StackAccount, resource: string, scope: string): Promise<Connected> {
  return issuer.connected({ decision: { account }, resource, scope });
}

export async function tokenOf(account: StackAccount, resource: string, scope: string): Promise<string> {
  return (await connect(account, resource, scope)).tokens.access_token;
}

export async function revoke(connected: Connected): Promise<void> {
  const { status } = await issuer.revoke(connected.client, connected.tokens.refresh_token);
  if (status !== 200) throw new Error(`the revocation was answered with ${status}`);
}

/** Of a call that reached the tool. @throws Error with what came instead */
export async function resultOf(
  at: McpRaw,
  tool: string,
  input: object,
  token: string,
): Promise<NonNullable<RpcAnswer['result']>> {
  const answer = await at.call(tool, input as Record<string, unknown>, { token });
  const { result } = rpcOf(answer);
  if (!result) throw new Error(`${tool} was answered with ${answer.status} ${answer.text.slice(0, 300)}`);
  return result;
}
