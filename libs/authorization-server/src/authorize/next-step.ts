import { type OAuthErrorCode, type RefusalReason, staysOnThisMachine } from '@gatehouse/protocol';
import { includesAll } from '@gatehouse/scopes';
import type { Client } from '../clients/client.js';
import type { Consent } from '../consent/consent.js';
import { stillGranted } from '../openid/identity-scopes.js';
import { ADMIN_SCOPES } from '../resources/own-resources.js';
import type { ProtectedResource } from '../resources/protected-resource.js';
import {
  awaitsUserCode,
  type GrantableRequest,
  type Interaction,
  isForDevice,
  isRefused,
  isSilent,
  type SignedInPerson,
  wantedSignIn,
} from './interaction.js';
import { signInProblem } from './requested-sign-in.js';

/** Everything a journey's next step depends on, as it stands now. */
export interface Journey {
  readonly interaction: Interaction;
  /** The person whose session the browser has, if any. */
  readonly person: SignedInPerson | undefined;
  /** Undefined as long as no request is known: the person has not said yet which device it is about. */
  readonly client: Client | undefined;
  /** The resource asked for, unless it is gone. */
  readonly resource: ProtectedResource | undefined;
  readonly entitledScopes: readonly string[];
  readonly consent: Consent | undefined;
}

export type JourneyStep =
  | { readonly kind: 'sign-in'; readonly reason: RefusalReason }
  | { readonly kind: 'user-code' }
  | { readonly kind: 'refusal'; readonly code: OAuthErrorCode; readonly reason: RefusalReason }
  | { readonly kind: 'consent' | 'consented'; readonly grant: Grantable };

/** What may be granted if the person agrees. */
export interface Grantable {
  readonly request: GrantableRequest;
  readonly person: SignedInPerson;
  readonly resource: ProtectedResource;
  readonly scopes: readonly string[];
  /** Asked for, but not the person's to hand on. */
  readonly withheld: readonly string[];
}

/**
 * The dispatcher of the journey: sign-in, then the code of a device if it is about one, then refusal or consent. Nobody
 * learns anything from a request, and nothing is sent to the client's address, before a person has signed in: a client
 * that anybody can register must not turn this server into a redirector. Where the client wants nothing to be shown,
 * whatever would be shown is a refusal; who is told of it without a click is for AuthorizationEndpoint to say.
 * @spec OAuth 2.1 §7.12.2; OpenID Connect Core §3.1.2.1, §3.1.2.6
 */
export function nextStep(journey: Journey): JourneyStep {
  const { request } = journey.interaction;
  if (!isSilent(request)) return audibleStep(journey);
  if (isRefused(request)) return { kind: 'refusal', ...request.refusal };
  const step = audibleStep(journey);
  if (step.kind === 'sign-in') return { kind: 'refusal', code: 'login_required', reason: step.reason };
  if (step.kind !== 'consent') return step;
  // A stored consent would do, or none ever will.
  const reusable = journey.client !== undefined && mayReuseConsent(journey.client, step.grant.request);
  return { kind: 'refusal', code: reusable ? 'consent_required' : 'interaction_required', reason: 'consent_needed' };
}

function audibleStep(journey: Journey): JourneyStep {
  const { interaction, person, client, resource, entitledScopes, consent } = journey;
  if (!person || !interaction.person) return { kind: 'sign-in', reason: 'no_session' };
  // A person who signed in elsewhere in this browser has not seen this journey: no decision in somebody else's name.
  if (person.accountId !== interaction.person.accountId) return { kind: 'sign-in', reason: 'session_of_other_account' };
  // A session older than the one this journey was signed in to: no answer to a request to sign in anew.
  if (person.authenticatedAt < interaction.person.authenticatedAt) return { kind: 'sign-in', reason: 'no_session' };

  const { request } = interaction;
  if (awaitsUserCode(request) || !client) return { kind: 'user-code' };
  if (isRefused(request)) return { kind: 'refusal', ...request.refusal };
  const unfit = signInRefusal(request, person);
  if (unfit) return unfit;
  if (!resource || resource.disabledAt)
    return { kind: 'refusal', code: 'invalid_target', reason: resource ? 'disabled_resource' : 'unknown_resource' };
  const scopes = stillGranted(request.scopes, { account: 'active', entitledScopes });
  if (scopes.length === 0) return { kind: 'refusal', code: 'access_denied', reason: 'scope_not_entitled' };

  const withheld = request.scopes.filter((scope) => !scopes.includes(scope));
  const covered = consent !== undefined && includesAll(consent.scopes, scopes);
  const kind = covered && !request.alwaysAsk && mayReuseConsent(client, request) ? 'consented' : 'consent';
  // In the name of the session that the browser has now: the one the journey began in may be over.
  return { kind, grant: { request, person, resource, scopes, withheld } };
}

/** Whoever is in the journey has signed in for it, or had a session that sufficed: to ask again would be a loop. */
function signInRefusal(request: GrantableRequest, person: SignedInPerson): JourneyStep | undefined {
  switch (signInProblem(wantedSignIn(request), person)) {
    case 'another_person':
      return { kind: 'refusal', code: 'login_required', reason: 'hinted_person_not_signed_in' };
    case 'too_weak':
      return { kind: 'refusal', code: 'unmet_authentication_requirements', reason: 'authentication_too_weak' };
    default:
      return undefined;
  }
}

/**
 * Only where nobody else can pose as the client: it proves itself with a secret an operator gave it, or with keys that the
 * host of its id published, and its answers arrive at an https address of its own. Anybody's program can use a public client's id and listen on loopback.
 * @spec OAuth 2.1 §7.3.1; RFC 8252 §8.6
 */
export function mayReuseConsent(client: Client, request: GrantableRequest): boolean {
  // Whoever started a device is not known to be the person at the browser: that is asked each time.
  if (isForDevice(request)) return false;
  // Administration can give a client another address: what was agreed to before that is no word for what is there now.
  if (request.scopes.some((scope) => ADMIN_SCOPES.includes(scope))) return false;
  const { redirectUri } = request;
  const remote = redirectUri.startsWith('https:') && !staysOnThisMachine(redirectUri);
  return client.origin !== 'dynamic' && client.authMethod !== 'none' && remote;
}
