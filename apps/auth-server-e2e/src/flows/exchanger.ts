/** Clients that may exchange tokens, declared as an operator declares them, and what they send. */
import { randomUUID } from 'node:crypto';
import { type Answer, clientsCommand, form } from '@gatehouse/test-kit';
import { anna, expenses, house, invoices, stack } from './house.js';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export interface Rule {
  readonly from: string;
  readonly to: string;
  readonly scopes: Readonly<Record<string, string>>;
  readonly accepts_bound_tokens?: boolean;
}

type Change = Readonly<Record<string, string | undefined>>;

export interface Exchanger {
  readonly client_id: string;
  readonly client_secret: string;
  /** Of this token; `change` takes the place of what an honest gateway sends, undefined leaves it out. */
  exchange(subjectToken: string | undefined, change?: Change): Promise<Answer>;
}

/** What the gateways of these flows may do, unless they say otherwise. */
export const INVOICES_TO_EXPENSES: Rule = {
  from: invoices,
  to: expenses,
  scopes: { 'expenses:read': 'invoices:read', 'expenses:submit': 'invoices:write' },
};

export async function declareExchanger(
  exchanges: readonly Rule[] = [INVOICES_TO_EXPENSES],
  more: object = {},
): Promise<Exchanger> {
  const declaration = {
    client_id: `gateway-${randomUUID().slice(0, 13)}`,
    client_name: 'Gateway',
    grant_types: [TOKEN_EXCHANGE],
    token_endpoint_auth_method: 'client_secret_post',
    exchanges,
    ...more,
  };
  const file = JSON.stringify({ clients: [declaration] });
  const { exitCode, output, errors } = await clientsCommand(stack, ['apply', '-', '--json'], file);
  if (exitCode !== 0) throw new Error(`the client was not declared:\n${errors}`);
  const [{ client_id, client_secret }] = JSON.parse(output) as [{ client_id: string; client_secret: string }];
  const [{ to }] = exchanges as [Rule];
  return {
    client_id,
    client_secret,
    exchange: (subject_token, change = {}) =>
      house.ask(
        'token',
        form({
          grant_type: TOKEN_EXCHANGE,
          client_id,
          client_secret,
          subject_token,
          subject_token_type: ACCESS_TOKEN,
          resource: to,
          ...change,
        }),
      ),
  };
}

/** Of anna, by a client that she let in at the invoices. */
export async function annasToken(scope = 'invoices:read invoices:write') {
  return house.connected({ decision: { account: anna }, resource: invoices, scope });
}
