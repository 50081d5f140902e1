import { OAuthError, type Parameters, redirectDisplayHost } from '@gatehouse/protocol';
import type { SignedInPerson } from '../authorize/interaction.js';
import { redirectOrigin } from '../authorize/views.js';
import type { ClientDirectory } from '../clients/client-directory.js';
import type { Client } from '../clients/client.js';
import type { IdTokenHint, IdTokenHints } from './id-token-hints.js';

/** What travels with the person from the client's link to the answer to our question. Everything else is ignored. */
export const LOGOUT_PARAMETERS = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state'] as const;

/** Where the browser goes once nobody is signed in. Absent: it stays here. */
export interface Destination {
  readonly location: string;
  readonly host: string;
  /** For the `form-action` of a Content Security Policy. */
  readonly origin: string;
}

export type LogoutStep =
  | { readonly kind: 'end' | 'signed-out'; readonly destination?: Destination }
  /** Nobody is signed in, and who clicks knows where to. */
  | { readonly kind: 'offer'; readonly destination: Destination }
  | { readonly kind: 'confirm'; readonly clientName?: string; readonly destination?: Destination };

/**
 * A client (or the person, by a link of ours) wants the session of this browser to end. Any page on the web can send a
 * browser here, so a person is asked first; only an ID token that was given out in this very session shows that its client
 * has the right to say so. Nobody is sent on without a hint: a `client_id` is public, and a link with one would make this
 * a redirector for everything that anybody has registered. Whoever can register and sign in once has a hint: a browser
 * without a session goes on by itself only to clients that the operator trusts. What authorizations the person gave
 * stays: who leaves a browser has not taken back what an app may do.
 * Costs one store call with a hint (the client) and one verified signature.
 * @see docs/decisions/0018-logout.md
 * @spec OpenID Connect RP-Initiated Logout 1.0 §2, §3, §4
 */
export class LogoutEndpoint {
  constructor(private readonly by: { readonly clients: ClientDirectory; readonly hints: IdTokenHints }) {}

  /**
   * @param person whose session the browser has
   * @throws OAuthError for a page: another client's token, an address that the client has not registered
   */
  async step(parameters: Parameters, person: SignedInPerson | undefined): Promise<LogoutStep> {
    const asked = await this.#asking(parameters);
    const destination = asked && destinationOf(parameters, asked.client);
    const there = destination ? { destination } : {};
    if (!person)
      return destination && !this.by.clients.isVerified(asked.client)
        ? { kind: 'offer', destination }
        : { kind: 'signed-out', ...there };
    if (asked?.hint.sid === person.sid) return { kind: 'end', ...there };
    return { kind: 'confirm', ...(asked ? { clientName: asked.client.name } : {}), ...there };
  }

  /** The client that asks, as far as a token of ours shows it. One that may do nothing here asks for nothing either. */
  async #asking(parameters: Parameters): Promise<{ readonly client: Client; readonly hint: IdTokenHint } | undefined> {
    const token = parameters.get('id_token_hint');
    const hint = token === undefined ? undefined : await this.by.hints.read(token);
    if (!hint) return undefined;
    const named = parameters.get('client_id');
    if (named !== undefined && named !== hint.clientId)
      throw new OAuthError('invalid_request', 'id_token_hint_of_other_client');
    const client = await this.by.clients.find(hint.clientId);
    return client && !this.by.clients.problem(client) ? { client, hint } : undefined;
  }
}

/** Character by character one of the registered ones: no port is free, and no parser has a say. */
function destinationOf(parameters: Parameters, { postLogoutRedirectUris = [] }: Client): Destination | undefined {
  const uri = parameters.get('post_logout_redirect_uri');
  if (uri === undefined) return undefined;
  if (!postLogoutRedirectUris.includes(uri))
    throw new OAuthError('invalid_request', 'unregistered_post_logout_redirect_uri');
  const state = parameters.get('state');
  const query =
    state === undefined ? '' : `${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state }).toString()}`;
  return { location: `${uri}${query}`, host: redirectDisplayHost(uri), origin: redirectOrigin(uri) };
}
