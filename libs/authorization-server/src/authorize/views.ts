import {
  errorDescription,
  type OAuthErrorCode,
  redirectDisplayHost,
  type ResourceIdentifier,
  staysOnThisMachine,
} from '@gatehouse/protocol';
import type { ScopeDefinition } from '@gatehouse/scopes';
import { documentHost } from '../clients/client-trust.js';
import type { Client } from '../clients/client.js';
import { IDENTITY_SCOPE_DEFINITIONS } from '../openid/identity-scopes.js';
import { isUserinfo } from '../resources/own-resources.js';
import type { AuthorizationRequest, DeviceRequest } from './interaction.js';
import type { Ended } from './journey-end.js';
import type { Grantable } from './next-step.js';
import type { RequestedSignIn } from './requested-sign-in.js';

/** What every page of the journey shows of who asks. */
interface ClientView {
  readonly client: {
    readonly name: string;
    readonly origin: Client['origin'];
    /** An operator of this server has registered it, or named it or its host as one of the known ones. */
    readonly verified: boolean;
    /** Host that published the client's metadata document: the one thing that is certain about such a client. */
    readonly publisher?: string;
    /** Host of the client's own page: its own words, unless it is pre-registered. */
    readonly host?: string;
  };
}

/** The answer would leave for the client. */
export interface RedirectView extends ClientView {
  /** Host (and port) or scheme of the redirect URI of this request. */
  readonly redirectHost: string;
  /** The redirect URI of this request is on this machine, whatever others the client has: anybody's program can listen there. */
  readonly answerStaysHere: boolean;
  /** Where the answer goes, for the `form-action` of a Content Security Policy: `https://app.example`, `com.example.app:`. */
  readonly redirectOrigin: string;
}

/** The answer would be fetched by a device, and the person is to recognise it. */
export interface DeviceView extends ClientView {
  readonly device: { readonly network: string; readonly startedAt: Date };
}

/** Who asks, and where the answer would go. */
export type InteractionView = RedirectView | DeviceView;

export type ConsentView = InteractionView & {
  readonly resource: {
    readonly name: string;
    readonly identifier: ResourceIdentifier;
    /** The client wants to know the person, and nothing else. */
    readonly isIdentity: boolean;
  };
  /** What can be granted. */
  readonly scopes: readonly ScopeDefinition[];
  /** Asked for, but the person may not hand it on. */
  readonly withheld: readonly ScopeDefinition[];
};

export type RefusalView = InteractionView & {
  readonly code: OAuthErrorCode;
  readonly description: string;
};

export type NextStep =
  /** Without a view as long as nobody is known to ask: see UserCodeRequest. */
  | {
      readonly kind: 'sign-in';
      readonly view?: InteractionView;
      readonly username?: string;
      /** What the client asked of it, for whoever else is to see to it. */
      readonly wanted?: Pick<RequestedSignIn, 'anew' | 'maxAge' | 'levels'>;
    }
  | { readonly kind: 'user-code'; readonly offered?: string }
  | { readonly kind: 'consent'; readonly view: ConsentView }
  | { readonly kind: 'refusal'; readonly view: RefusalView }
  /** Nothing is shown: a stored consent was enough, or the client wanted no page. */
  | ({ readonly kind: 'redirect' } & Ended);

/** A client, and what the operator thinks of it. */
export interface ShownClient {
  readonly client: Client;
  readonly verified: boolean;
}

export function interactionView(
  { client, verified }: ShownClient,
  request: AuthorizationRequest | DeviceRequest,
): InteractionView {
  const { name, origin, clientUri } = client;
  const publisher = origin === 'metadata-document' ? documentHost(client.id) : undefined;
  const shown = {
    name,
    origin,
    verified,
    ...(publisher === undefined ? {} : { publisher }),
    ...(clientUri === undefined ? {} : { host: new URL(clientUri).host }),
  };
  if ('device' in request) {
    const { network, startedAt } = request.device;
    return { client: shown, device: { network, startedAt: new Date(startedAt) } };
  }
  return {
    client: shown,
    redirectHost: redirectDisplayHost(request.redirectUri),
    answerStaysHere: staysOnThisMachine(request.redirectUri),
    redirectOrigin: redirectOrigin(request.redirectUri),
  };
}

export function consentView(client: ShownClient, { request, resource, scopes, withheld }: Grantable): ConsentView {
  const isIdentity = isUserinfo(resource);
  const offered = isIdentity ? resource.scopes : [...resource.scopes, ...IDENTITY_SCOPE_DEFINITIONS];
  return {
    ...interactionView(client, request),
    resource: { name: resource.name, identifier: resource.identifier, isIdentity },
    scopes: offered.filter(({ name }) => scopes.includes(name)),
    withheld: offered.filter(({ name }) => withheld.includes(name)),
  };
}

export function refusalView(
  client: ShownClient,
  request: AuthorizationRequest | DeviceRequest,
  code: OAuthErrorCode,
): RefusalView {
  return { ...interactionView(client, request), code, description: errorDescription(code) };
}

/** The origin, or of a private-use URI the scheme alone. Whoever renders makes a source expression of it. */
export function redirectOrigin(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return /^https?:$/.test(protocol) ? `${protocol}//${host}` : protocol;
}
