import { type ClientId, type ResourceIdentifier } from '@gatehouse/protocol';
import { intersect, ScopeCatalogue } from '@gatehouse/scopes';
import { type ClientTrustPolicy, clientTrust } from '../clients/client-trust.js';
import type { Client } from '../clients/client.js';
import { looksLikeUrl } from '../clients/documents/client-id-url.js';
import type { ProtectedResource } from '../resources/protected-resource.js';
import { decideAccess, questionedClient, type QuestionedClient, type RuleJudgement } from './access-decision.js';
import type { PolicyPerson } from './access-policy.store.js';
import type { AccessRule } from './access-rule.js';

/** Why nobody gets anything there, whatever rules say. */
export type Obstacle =
  | 'unknown_account'
  | 'disabled_account'
  | 'unknown_client'
  | 'disabled_client'
  | 'client_not_allowed'
  | 'unknown_resource'
  | 'disabled_resource';

export interface Explanation {
  readonly client: QuestionedClient;
  readonly obstacles: readonly Obstacle[];
  /** Of the rules about this resource. */
  readonly judgements: readonly RuleJudgement[];
  /** Granted to the person by name. */
  readonly entitled: readonly string[];
  /** What the person may hand on to the client. */
  readonly scopes: readonly string[];
  /** What these include. */
  readonly included: readonly string[];
  /** All the client may ask for; absent: anything. */
  readonly askable?: readonly string[];
}

/** The answer to "who may do what, and why", from what stands now. Decides nothing: no token depends on it. */
export function explainAccess(asked: {
  readonly person: PolicyPerson | undefined;
  readonly clientId: ClientId;
  readonly client: Client | undefined;
  readonly resource: ProtectedResource | undefined;
  readonly identifier: ResourceIdentifier;
  readonly rules: readonly AccessRule[];
  readonly trust: ClientTrustPolicy;
}): Explanation {
  const { person, resource, identifier, rules, trust } = asked;
  const known = asked.client ?? (looksLikeUrl(asked.clientId) ? stranger(asked.clientId) : undefined);
  const client: QuestionedClient = known ? questionedClient(trust, known) : { id: asked.clientId, trust: 'unverified' };
  const obstacles: Obstacle[] = [];
  if (!person) obstacles.push('unknown_account');
  else if (person.disabled) obstacles.push('disabled_account');
  if (!known) obstacles.push('unknown_client');
  else if (asked.client?.disabledAt) obstacles.push('disabled_client');
  else if (clientTrust(trust, known) === 'refused') obstacles.push('client_not_allowed');
  if (!resource) obstacles.push('unknown_resource');
  else if (resource.disabledAt) obstacles.push('disabled_resource');

  const entitled = person?.entitlements.find((each) => each.resource === identifier)?.scopes ?? [];
  const about = rules.filter((rule) => rule.resource === identifier);
  const { judgements, scopes } = person
    ? decideAccess(about, entitled, { account: person, client, resource: identifier })
    : { judgements: [], scopes: [] };
  const names = (resource?.scopes ?? []).map(({ name }) => name);
  const given = obstacles.length > 0 ? [] : intersect(names, scopes);
  const all = new ScopeCatalogue(resource?.scopes ?? []).closure(given);
  return {
    client,
    obstacles,
    judgements,
    entitled,
    scopes: given,
    included: [...all].filter((scope) => !given.includes(scope)),
    ...(asked.client?.scopes ? { askable: asked.client.scopes } : {}),
  };
}

/** A client with a metadata document that has not been here yet. */
function stranger(id: ClientId): Pick<Client, 'id' | 'origin' | 'redirectUris'> {
  return { id, origin: 'metadata-document', redirectUris: [] };
}
