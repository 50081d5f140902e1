import type { OAuthErrorCode, ResourceIdentifier } from '@gatehouse/protocol';
import type { ScopeDefinition } from '@gatehouse/scopes';
import type { Client } from '../clients/client.js';

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
  /** Source expression for the `form-action` of a Content Security Policy. */
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
