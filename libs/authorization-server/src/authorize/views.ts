import {
  errorDescription,
  isLoopbackRedirect,
  type OAuthErrorCode,
  redirectDisplayHost,
  type ResourceIdentifier,
} from '@gatehouse/protocol';
import type { ScopeDefinition } from '@gatehouse/scopes';
import type { Client } from '../clients/client.js';
import type { AuthorizationRequest } from './interaction.js';
import type { Grantable } from './next-step.js';

/** What every page of the journey shows: who asks, and where the answer would go. */
export interface InteractionView {
  readonly client: {
    readonly name: string;
    readonly origin: Client['origin'];
    /** Host of the client's own page: its own words, unless it is pre-registered. */
    readonly host?: string;
  };
  /** Host (and port) or scheme of the redirect URI of this request. */
  readonly redirectHost: string;
  /** Every redirect URI of the client is on this machine: anybody's program can listen there. */
  readonly loopbackOnly: boolean;
  /** Where the answer goes, for the `form-action` of a Content Security Policy: `https://app.example`, `com.example.app:`. */
  readonly redirectOrigin: string;
}

export interface ConsentView extends InteractionView {
  readonly resource: { readonly name: string; readonly identifier: ResourceIdentifier };
  /** What can be granted. */
  readonly scopes: readonly ScopeDefinition[];
  /** Asked for, but the person may not hand it on. */
  readonly withheld: readonly ScopeDefinition[];
}

export interface RefusalView extends InteractionView {
  readonly code: OAuthErrorCode;
  readonly description: string;
}

export type NextStep =
  | { readonly kind: 'sign-in'; readonly view: InteractionView }
  | { readonly kind: 'consent'; readonly view: ConsentView }
  | { readonly kind: 'refusal'; readonly view: RefusalView }
  /** A stored consent was enough: the code is in the location. */
  | { readonly kind: 'redirect'; readonly location: string };

export function interactionView(client: Client, { redirectUri }: AuthorizationRequest): InteractionView {
  const { name, origin, clientUri } = client;
  return {
    client: { name, origin, ...(clientUri === undefined ? {} : { host: new URL(clientUri).host }) },
    redirectHost: redirectDisplayHost(redirectUri),
    loopbackOnly: client.redirectUris.every(isLoopbackRedirect),
    redirectOrigin: redirectOrigin(redirectUri),
  };
}

export function consentView(client: Client, { request, resource, scopes, withheld }: Grantable): ConsentView {
  return {
    ...interactionView(client, request),
    resource: { name: resource.name, identifier: resource.identifier },
    scopes: resource.scopes.filter(({ name }) => scopes.includes(name)),
    withheld: resource.scopes.filter(({ name }) => withheld.includes(name)),
  };
}

export function refusalView(client: Client, request: AuthorizationRequest, code: OAuthErrorCode): RefusalView {
  return { ...interactionView(client, request), code, description: errorDescription(code) };
}

/** The origin, or of a private-use URI the scheme alone. Whoever renders makes a source expression of it. */
function redirectOrigin(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return /^https?:$/.test(protocol) ? `${protocol}//${host}` : protocol;
}
