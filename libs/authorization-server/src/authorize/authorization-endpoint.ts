import type { Clock, Parameters, ResourceIdentifier } from '@gatehouse/protocol';
import type { ClientStore } from '../clients/client.store.js';
import type { ConsentStore } from '../consent/consent.store.js';
import type { EntitlementStore } from '../entitlements/entitlement.store.js';
import type { ResourceStore } from '../resources/resource.store.js';
import type { ServerPolicy } from '../server-policy.js';
import type { InteractionStore } from './interaction.store.js';
import type { SignedInPerson } from './interaction.js';
import type { NextStep } from './views.js';

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

export class AuthorizationEndpoint {
  constructor(private readonly by: AuthorizationEndpointDependencies) {}

  start(input: {
    readonly parameters: Parameters;
    readonly browser: string;
    readonly person?: SignedInPerson;
  }): Promise<{ readonly interactionId: string }> {
    throw new Error(`${this.by.issuer} ${input.browser}`);
  }

  step(interactionId: string, browser: string, person?: SignedInPerson): Promise<NextStep> {
    throw new Error(`${interactionId} ${browser} ${String(person)}`);
  }

  signedIn(
    interactionId: string,
    browser: string,
    person: SignedInPerson,
  ): Promise<{ readonly interactionId: string }> {
    throw new Error(`${interactionId} ${browser} ${String(person)}`);
  }

  decide(
    interactionId: string,
    browser: string,
    person: SignedInPerson | undefined,
    decision: ConsentDecision,
  ): Promise<{ readonly location: string }> {
    throw new Error(`${interactionId} ${browser} ${String(person)} ${String(decision)}`);
  }

  deliverRefusal(
    interactionId: string,
    browser: string,
    person: SignedInPerson | undefined,
  ): Promise<{ readonly location: string }> {
    throw new Error(`${interactionId} ${browser} ${String(person)}`);
  }
}
