import {
  after,
  type Clock,
  matchRedirect,
  newSecret,
  OAuthError,
  type Parameters,
  type TokenHash,
  tokenHash,
} from '@gatehouse/protocol';
import type { ClientDirectory } from '../clients/client-directory.js';
import type { Client } from '../clients/client.js';
import type { ConsentStore } from '../consent/consent.store.js';
import { openOffered } from '../device/offered-code.js';
import type { EntitlementStore } from '../entitlements/entitlement.store.js';
import { chosenScopes } from '../openid/identity-scopes.js';
import { presentedRequest } from '../pushed-requests/presented-request.js';
import type { PushedRequestStore } from '../pushed-requests/pushed-request.store.js';
import type { ResourceStore } from '../resources/resource.store.js';
import type { ServerPolicy } from '../server-policy.js';
import { knownClient } from './checks/known-client.js';
import {
  type AuthorizationRequest,
  awaitsUserCode,
  type GrantableRequest,
  type Interaction,
  isForDevice,
  isRefused,
  isSilent,
  type JourneyRequest,
  type RefusedRequest,
  type SignedInPerson,
  wantedSignIn,
} from './interaction.js';
import type { InteractionStore } from './interaction.store.js';
import type { Ended, JourneyEnd } from './journey-end.js';
import { type Journey, type JourneyStep, mayReuseConsent, nextStep } from './next-step.js';
import type { RequestChecks } from './request-checks.js';
import { type RequestedSignIn, suffices } from './requested-sign-in.js';
import { consentView, interactionView, type NextStep, refusalView } from './views.js';

export interface AuthorizationEndpointDependencies {
  readonly policy: ServerPolicy;
  readonly clock: Clock;
  readonly clients: ClientDirectory;
  readonly resources: ResourceStore;
  readonly interactions: InteractionStore;
  readonly consents: ConsentStore;
  readonly entitlements: EntitlementStore;
  readonly pushed: PushedRequestStore;
  readonly checks: RequestChecks;
  readonly end: JourneyEnd;
}

export interface AuthorizationInput {
  readonly parameters: Parameters;
  /** Value of the browser cookie. */
  readonly browser: string;
  /** Whose session the browser has. */
  readonly person?: SignedInPerson;
}

/** A request that was checked, and the interaction it would be. Nothing of it is stored. */
interface Begun {
  readonly client: Client;
  readonly interaction: Interaction & { readonly request: GrantableRequest | RefusedRequest };
  readonly interactionId: string;
  readonly pushed: TokenHash | undefined;
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
   * The answer, where nothing would be shown: the person is signed in and agreed to the same before, and the client may
   * rely on that. Otherwise a journey, as `start` begins it. It is `nextStep` that decides, as on any journey; what is
   * spared is to store one that would end with its first step.
   * @throws OAuthError for a page, as long as there is no verified redirect URI
   */
  async begin(input: AuthorizationInput): Promise<{ readonly interactionId: string } | Ended> {
    const begun = await this.#begin(input);
    return (await this.#atOnce(begun, input.person)) ?? this.#save(begun);
  }

  /**
   * @returns the id that goes into the URL of the interaction; only its hash is stored
   * @throws OAuthError for a page, as long as there is no verified redirect URI
   */
  async start(input: AuthorizationInput): Promise<{ readonly interactionId: string }> {
    return this.#save(await this.#begin(input));
  }

  async #begin(input: AuthorizationInput): Promise<Begun> {
    const { browser, person } = input;
    const now = this.by.clock.now();
    const { parameters, pushed } = await presentedRequest(this.by.pushed, input.parameters, now);
    const client = await knownClient(this.by.clients, parameters);
    const verified = this.by.checks.verified(client, parameters);
    const request = await this.#grantableOrRefused(client, verified, parameters, pushed !== undefined);

    const interactionId = newSecret('ghi_');
    const interaction = {
      id: tokenHash(interactionId),
      browser: tokenHash(browser),
      request,
      ...(person && suffices(wantedSignIn(request), person, now) ? { person } : {}),
      createdAt: now,
      expiresAt: after(now, this.by.policy.interactionLifetime),
    };
    return { client, interaction, interactionId, pushed };
  }

  async #save({ interaction, interactionId, pushed }: Begun): Promise<{ readonly interactionId: string }> {
    if (pushed === undefined) await this.by.interactions.begin(interaction);
    else if (!(await this.by.interactions.beginPushed(interaction, pushed, interaction.createdAt)))
      throw new OAuthError('invalid_request_uri', 'unknown_pushed_request');
    return { interactionId };
  }

  /** Not for a pushed request: it is used up by the journey that it begins. */
  async #atOnce(
    { client, interaction, pushed }: Begun,
    person: SignedInPerson | undefined,
  ): Promise<Ended | undefined> {
    const { request } = interaction;
    if (pushed !== undefined || isRefused(request) || !interaction.person || !mayReuseConsent(client, request))
      return undefined;
    const step = nextStep(await this.#known(interaction, interaction.person, request, client, person));
    return step.kind === 'consented' ? this.by.end.answer(step.grant) : undefined;
  }

  /** From here on the client is told of a refusal; see `step` for when. */
  async #grantableOrRefused(
    client: Client,
    verified: AuthorizationRequest,
    parameters: Parameters,
    pushed: boolean,
  ): Promise<GrantableRequest | RefusedRequest> {
    try {
      return await this.by.checks.grantable(client, verified, parameters, pushed);
    } catch (refusal) {
      if (!(refusal instanceof OAuthError)) throw refusal;
      if (refusal.status >= 500) throw refusal;
      return { ...verified, refusal: { code: refusal.code, reason: refusal.reason } };
    }
  }

  /**
   * What to show, or where to go. Only with a stored consent that suffices does this end the interaction. A client
   * that wants nothing to be shown is told so at once if the operator trusts it. Anybody else's answer waits for a click: without
   * anything shown, a client that anybody can register would send people on from here to wherever it likes.
   * @throws OAuthError invalid_request (unknown_interaction) for another browser, too late, or after the end
   */
  async step(interactionId: string, browser: string, person?: SignedInPerson): Promise<NextStep> {
    const journey = await this.#journey(interactionId, browser, person);
    const { client, interaction, consent } = journey;
    const { request } = interaction;
    let step = nextStep(journey);
    if (step.kind === 'consented' && consent) {
      const ended = await this.by.end.approveAgain(interaction, step.grant, consent);
      if (ended) return { kind: 'redirect', ...ended };
      // The consent went at this very moment, or the journey did: looked at once more, and asked.
      step = nextStep({ ...(await this.#journey(interactionId, browser, person)), consent: undefined });
    }
    if (step.kind === 'user-code') return { kind: 'user-code', ...offeredCode(request, browser) };
    // The page names nobody as long as nobody is known to ask.
    if (!client || awaitsUserCode(request)) return { kind: 'sign-in' };
    const shown = { client, verified: this.by.clients.isVerified(client) };
    if (step.kind === 'refusal' && isSilent(request) && shown.verified)
      return { kind: 'redirect', ...this.by.end.tell(request, step.code, step.reason) };
    switch (step.kind) {
      case 'sign-in':
        return {
          kind: 'sign-in',
          view: interactionView(shown, request),
          ...hintedName(request),
          wanted: wantedFreshness(request),
        };
      case 'refusal':
        return { kind: 'refusal', view: refusalView(shown, request, step.code) };
      case 'consent':
      case 'consented':
        return { kind: 'consent', view: consentView(shown, step.grant) };
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
  ): Promise<Ended> {
    const journey = await this.#journey(interactionId, browser, person);
    const step = signedInStep(journey);
    // Became impossible while the page was open: the click that was meant to approve delivers the refusal.
    if (step.kind === 'refusal') return this.by.end.refuse(journey.interaction, step.code, step.reason);
    const scopes = decision.approve ? chosenScopes(step.grant.scopes, decision.scopes) : [];
    return scopes.length > 0
      ? this.by.end.approve(journey.interaction, step.grant, scopes)
      : this.by.end.refuse(journey.interaction, 'access_denied', 'consent_denied');
  }

  /** The click on a refusal page: back to the client with the error. */
  async deliverRefusal(interactionId: string, browser: string, person: SignedInPerson | undefined): Promise<Ended> {
    const journey = await this.#journey(interactionId, browser, person);
    const step = signedInStep(journey);
    // Nothing is refused any more, an entitlement came back for instance: the person goes on to consent.
    if (step.kind !== 'refusal') throw new OAuthError('invalid_request', 'malformed_request');
    return this.by.end.refuse(journey.interaction, step.code, step.reason);
  }

  async #journey(interactionId: string, browser: string, person: SignedInPerson | undefined): Promise<Journey> {
    const id = tokenHash(interactionId);
    const interaction = await this.by.interactions.find(id, tokenHash(browser), this.by.clock.now());
    if (!interaction) throw new OAuthError('invalid_request', 'unknown_interaction');
    const { request } = interaction;
    const unknown = { resource: undefined, entitledScopes: [], consent: undefined };
    if (awaitsUserCode(request)) return { interaction, person, client: undefined, ...unknown };
    const client = await this.by.clients.find(request.clientId);
    if (!client) throw new OAuthError('invalid_client', 'unknown_client', { status: 400 });
    const problem = this.by.clients.problem(client);
    if (problem) throw new OAuthError('invalid_client', problem, { status: 400 });
    // Taken out of the client's metadata while the page was open: it is an address like any other now.
    if (!isForDevice(request) && !matchRedirect(request.redirectUri, client.redirectUris))
      throw new OAuthError('invalid_request', 'unregistered_redirect_uri');
    if (isRefused(request) || !interaction.person) return { interaction, person, client, ...unknown };

    return this.#known(interaction, interaction.person, request, client, person);
  }

  async #known(
    interaction: Interaction,
    { accountId }: SignedInPerson,
    request: GrantableRequest,
    client: Client,
    person: SignedInPerson | undefined,
  ): Promise<Journey> {
    const [resources, entitledScopes, consent] = await Promise.all([
      this.by.resources.list(),
      this.by.entitlements.scopesOf(
        accountId,
        { id: client.id, verified: this.by.clients.isVerified(client) },
        request.resource,
      ),
      mayReuseConsent(client, request) ? this.by.consents.find(accountId, client.id, request.resource) : undefined,
    ]);
    const resource = resources.find(({ identifier }) => identifier === request.resource);
    return { interaction, person, client, resource, entitledScopes, consent };
  }
}

function signedInStep(journey: Journey): Exclude<JourneyStep, { kind: 'sign-in' | 'user-code' }> {
  const step = nextStep(journey);
  if (step.kind === 'sign-in') throw new OAuthError('access_denied', step.reason);
  if (step.kind === 'user-code') throw new OAuthError('invalid_request', 'malformed_request');
  return step;
}

function wantedFreshness(request: JourneyRequest): Pick<RequestedSignIn, 'anew' | 'maxAge' | 'levels'> {
  const { anew, maxAge, levels } = wantedSignIn(request);
  return {
    ...(anew === undefined ? {} : { anew }),
    ...(maxAge === undefined ? {} : { maxAge }),
    ...(levels === undefined ? {} : { levels }),
  };
}

function hintedName(request: JourneyRequest): { readonly username?: string } {
  const { loginHint: username } = wantedSignIn(request);
  return username === undefined ? {} : { username };
}

function offeredCode(request: JourneyRequest, browser: string): { readonly offered?: string } {
  const sealed = awaitsUserCode(request) ? request.userCode.offered : undefined;
  return sealed === undefined ? {} : { offered: openOffered(sealed, browser) };
}
