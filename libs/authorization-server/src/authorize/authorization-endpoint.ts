import type { AuditEvent } from '@gatehouse/audit';
import {
  after,
  type Clock,
  newSecret,
  OAuthError,
  type Parameters,
  type RefusalReason,
  type ResourceIdentifier,
  type TokenHash,
  tokenHash,
} from '@gatehouse/protocol';
import { intersect } from '@gatehouse/scopes';
import type { Client } from '../clients/client.js';
import type { ClientStore } from '../clients/client.store.js';
import type { AuthorizationCode } from '../codes/authorization-code.js';
import type { Consent } from '../consent/consent.js';
import type { ConsentStore } from '../consent/consent.store.js';
import type { EntitlementStore } from '../entitlements/entitlement.store.js';
import type { ResourceStore } from '../resources/resource.store.js';
import type { ServerPolicy } from '../server-policy.js';
import { codeLocation, errorLocation } from './authorization-response.js';
import { requireCodeChallenge } from './checks/code-challenge.js';
import { requireCodeResponse } from './checks/code-response.js';
import { grantableScopes } from './checks/grantable-scopes.js';
import { knownClient } from './checks/known-client.js';
import { requirePlainRequest } from './checks/plain-request.js';
import { registeredRedirect } from './checks/registered-redirect.js';
import { requestedTarget } from './checks/requested-target.js';
import type {
  AuthorizationRequest,
  GrantableRequest,
  Interaction,
  RefusedRequest,
  SignedInPerson,
} from './interaction.js';
import type { InteractionStore } from './interaction.store.js';
import { type Grantable, isRefused, type Journey, type JourneyStep, mayReuseConsent, nextStep } from './next-step.js';
import { consentView, interactionView, type NextStep, refusalView } from './views.js';

export interface AuthorizationEndpointDependencies {
  readonly issuer: string;
  readonly policy: ServerPolicy;
  readonly clock: Clock;
  readonly clients: ClientStore;
  readonly resources: ResourceStore;
  readonly interactions: InteractionStore;
  readonly consents: ConsentStore;
  readonly entitlements: EntitlementStore;
  /** For a request without `resource`; undefined: the only enabled resource, if there is just one. */
  readonly defaultResource?: ResourceIdentifier;
}

export type ConsentDecision =
  { readonly approve: true; readonly scopes: readonly string[] } | { readonly approve: false };

/**
 * The browser's journey from the authorization request to the redirect. Each call finds the saved interaction by its id
 * and the browser it was begun in, asks `nextStep` where the journey stands, and does what is allowed there: so two
 * replicas may serve one journey, and no step can be jumped. Signing in itself is somebody else's business.
 */
export class AuthorizationEndpoint {
  constructor(private readonly by: AuthorizationEndpointDependencies) {}

  /**
   * @param input.browser value of the browser cookie
   * @param input.person whose session the browser has
   * @returns the id that goes into the URL of the interaction; only its hash is stored
   * @throws OAuthError for a page, as long as there is no verified redirect URI
   */
  async start(input: {
    readonly parameters: Parameters;
    readonly browser: string;
    readonly person?: SignedInPerson;
  }): Promise<{ readonly interactionId: string }> {
    const { parameters, browser, person } = input;
    const client = await knownClient(this.by.clients, parameters);
    const state = parameters.get('state');
    const verified: AuthorizationRequest = {
      clientId: client.id,
      ...registeredRedirect(client, parameters),
      ...(state === undefined ? {} : { state }),
    };
    const request = await this.#grantableOrRefused(client, verified, parameters);

    const interactionId = newSecret('ghi_');
    const now = this.by.clock.now();
    await this.by.interactions.begin({
      id: tokenHash(interactionId),
      browser: tokenHash(browser),
      request,
      ...(person && !prompts(parameters).some((each) => each === 'login' || each === 'select_account')
        ? { person }
        : {}),
      createdAt: now,
      expiresAt: after(now, this.by.policy.interactionLifetime),
    });
    return { interactionId };
  }

  /** From here on the client is told of a refusal, but only after a person has signed in and clicked. */
  async #grantableOrRefused(
    client: Client,
    verified: AuthorizationRequest,
    parameters: Parameters,
  ): Promise<GrantableRequest | RefusedRequest> {
    const resources = await this.by.resources.list();
    try {
      requirePlainRequest(parameters);
      requireCodeResponse(client, parameters);
      const codeChallenge = requireCodeChallenge(parameters);
      const resource = requestedTarget(parameters, resources, this.by.defaultResource);
      const scopes = grantableScopes(parameters, resource, resources, client);
      const alwaysAsk = prompts(parameters).includes('consent');
      return { ...verified, codeChallenge, resource: resource.identifier, scopes, ...(alwaysAsk ? { alwaysAsk } : {}) };
    } catch (refusal) {
      if (!(refusal instanceof OAuthError)) throw refusal;
      return { ...verified, refusal: { code: refusal.code, reason: refusal.reason } };
    }
  }

  /**
   * What to show, or where to go. Only with a stored consent that suffices does this end the interaction.
   * @throws OAuthError invalid_request (unknown_interaction) for another browser, too late, or after the end
   */
  async step(interactionId: string, browser: string, person?: SignedInPerson): Promise<NextStep> {
    const journey = await this.#journey(interactionId, browser, person);
    const { client, interaction } = journey;
    const step = nextStep(journey);
    switch (step.kind) {
      case 'sign-in':
        return { kind: 'sign-in', view: interactionView(client, interaction.request) };
      case 'refusal':
        return { kind: 'refusal', view: refusalView(client, interaction.request, step.code) };
      case 'consent':
        return { kind: 'consent', view: consentView(client, step.grant) };
      case 'consented':
        return {
          kind: 'redirect',
          ...(await this.#approve(interaction, step.grant, step.grant.scopes, journey.consent)),
        };
    }
  }

  /**
   * Attaches the person who just signed in, and moves the interaction to a new id: whoever knew the old one, because he
   * had planted it, is out.
   */
  async signedIn(
    interactionId: string,
    browser: string,
    person: SignedInPerson,
  ): Promise<{ readonly interactionId: string }> {
    const next = newSecret('ghi_');
    const moved = await this.by.interactions.signIn(
      tokenHash(interactionId),
      tokenHash(browser),
      { id: tokenHash(next), person },
      this.by.clock.now(),
    );
    if (!moved) throw new OAuthError('invalid_request', 'unknown_interaction');
    return { interactionId: next };
  }

  /**
   * Scopes that were not on offer are not granted, whatever the form says; nothing ticked is a denial.
   * @throws OAuthError access_denied when the browser's person is not the one of the interaction
   */
  async decide(
    interactionId: string,
    browser: string,
    person: SignedInPerson | undefined,
    decision: ConsentDecision,
  ): Promise<{ readonly location: string }> {
    const journey = await this.#journey(interactionId, browser, person);
    const step = signedInStep(journey);
    // Became impossible while the page was open: the click that was meant to approve delivers the refusal.
    if (step.kind === 'refusal') return this.#refuse(journey.interaction, step.code, step.reason);
    const scopes = decision.approve ? intersect(step.grant.scopes, decision.scopes) : [];
    return scopes.length > 0
      ? this.#approve(journey.interaction, step.grant, scopes)
      : this.#refuse(journey.interaction, 'access_denied', 'consent_denied');
  }

  /** The click on a refusal page: back to the client with the error. */
  async deliverRefusal(
    interactionId: string,
    browser: string,
    person: SignedInPerson | undefined,
  ): Promise<{ readonly location: string }> {
    const journey = await this.#journey(interactionId, browser, person);
    const step = signedInStep(journey);
    // Nothing is refused any more, an entitlement came back for instance: the person goes on to consent.
    if (step.kind !== 'refusal') throw new OAuthError('invalid_request', 'malformed_request');
    return this.#refuse(journey.interaction, step.code, step.reason);
  }

  async #journey(interactionId: string, browser: string, person: SignedInPerson | undefined): Promise<Journey> {
    const id = tokenHash(interactionId);
    const interaction = await this.by.interactions.find(id, tokenHash(browser), this.by.clock.now());
    if (!interaction) throw new OAuthError('invalid_request', 'unknown_interaction');
    const { request } = interaction;
    const client = await this.by.clients.find(request.clientId);
    if (!client) throw new OAuthError('invalid_client', 'unknown_client', { status: 400 });
    if (client.disabledAt) throw new OAuthError('invalid_client', 'disabled_client', { status: 400 });
    const unknown = { resource: undefined, entitledScopes: [], consent: undefined };
    if (isRefused(request) || !interaction.person) return { interaction, person, client, ...unknown };

    const { accountId } = interaction.person;
    const [resources, entitledScopes, consent] = await Promise.all([
      this.by.resources.list(),
      this.by.entitlements.scopesOf(accountId, request.resource),
      mayReuseConsent(client, request) ? this.by.consents.find(accountId, client.id, request.resource) : undefined,
    ]);
    const resource = resources.find(({ identifier }) => identifier === request.resource);
    return { interaction, person, client, resource, entitledScopes, consent };
  }

  async #approve(
    interaction: Interaction,
    { request, person, resource }: Grantable,
    scopes: readonly string[],
    stored?: Consent,
  ): Promise<{ readonly location: string }> {
    const now = this.by.clock.now();
    const secret = newSecret('ghc_');
    const parties = { clientId: request.clientId, accountId: person.accountId, resource: resource.identifier };
    const code: AuthorizationCode = {
      ...parties,
      hash: tokenHash(secret),
      redirectUri: request.redirectUri,
      redirectUriWasSent: request.redirectUriWasSent,
      codeChallenge: request.codeChallenge,
      scopes,
      authenticatedAt: person.authenticatedAt,
      issuedAt: now,
      expiresAt: after(now, this.by.policy.codeLifetime),
    };
    const consent = stored ?? { ...parties, scopes, grantedAt: now };
    const audit: AuditEvent = {
      ...parties,
      type: 'consent.granted',
      at: now,
      scopes,
      ...(stored ? { detail: { stored: true } } : {}),
    };
    await this.#end(interaction.id, (id) => this.by.interactions.approve(id, { consent, code, audit }, now));
    return { location: codeLocation(request, this.by.issuer, secret) };
  }

  async #refuse(
    { id, request, person }: Interaction,
    code: OAuthError['code'],
    reason: RefusalReason,
  ): Promise<{ readonly location: string }> {
    const now = this.by.clock.now();
    const audit: AuditEvent = {
      type: 'consent.denied',
      at: now,
      reason,
      clientId: request.clientId,
      ...(person ? { accountId: person.accountId } : {}),
      ...(isRefused(request) ? {} : { resource: request.resource, scopes: request.scopes }),
    };
    await this.#end(id, (open) => this.by.interactions.refuse(open, audit, now));
    return { location: errorLocation(request, this.by.issuer, code) };
  }

  /** Of two clicks one counts. */
  async #end(id: TokenHash, by: (id: TokenHash) => Promise<boolean>): Promise<void> {
    if (!(await by(id))) throw new OAuthError('invalid_request', 'interaction_completed');
  }
}

function signedInStep(journey: Journey): Exclude<JourneyStep, { kind: 'sign-in' }> {
  const step = nextStep(journey);
  if (step.kind === 'sign-in') throw new OAuthError('access_denied', step.reason);
  return step;
}

/** `prompt` is a list; what it may say beyond these is ignored. @spec OpenID Connect Core §3.1.2.1 */
function prompts(parameters: Parameters): readonly string[] {
  return parameters.get('prompt')?.split(' ') ?? [];
}
