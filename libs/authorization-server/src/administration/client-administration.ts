import type { AuditEvent } from '@gatehouse/audit';
import { type ClientId, type Clock, OAuthError, type Parameters } from '@gatehouse/protocol';
import { clientId } from '../clients/client-id.js';
import type { ClientStore } from '../clients/client.store.js';
import type { Client } from '../clients/client.js';
import { clientDeclaration, type ClientDeclaration } from '../pre-registration/client-declaration.js';
import type { PreRegistration, PreRegistrationResult } from '../pre-registration/pre-registration.js';
import { unknownScopes } from '../pre-registration/unknown-scopes.js';
import type { OwnPrincipal } from '../resources/own-access.js';
import type { ResourceStore } from '../resources/resource.store.js';
import { actorOf, doneBy } from './actor.js';
import type { ClientAdministrationStore } from './client-administration.store.js';
import { type ClientRepresentation, representation, versionOf } from './client-representation.js';
import { cursorAfter, pageQuery, readCursor, secretRequest } from './requests.js';
import { readInput } from './unusable-input.js';

/** One client, in the version that is to be named when it is replaced. */
export interface AnsweredClient {
  readonly version: string;
  readonly client: ClientRepresentation;
}

/** What is answered to a declaration. */
export interface DeclaredAnswer extends AnsweredClient {
  /** Shown now or never. */
  readonly secret?: string;
  /** Scopes of the declaration that no resource has: misspelt, or of a resource that is published later. */
  readonly unknownScopes: readonly string[];
}

/** Seconds. */
export const SECRET_OVERLAP = { usual: 86_400, most: 90 * 86_400 } as const;

/**
 * Administration of clients over HTTP: the same core as the operator's command, for callers that an access token names.
 * Clients of every origin can be seen, stopped, ended and deleted; what a client is, is said only of those that operators
 * declare. Each change is recorded with who made it. Nothing is cached, so what one replica did the next one shows.
 * Costs: a look at a client or a page one store call; a declaration two (the change, and the resources); a secret one; a
 * change of standing one for clients of operators, else three; the end of what was allowed, or of the client, one. Changes
 * of operators' clients, and ends, are transactions of two to three statements.
 * @see docs/decisions/0019-administration.md
 */
export class ClientAdministration {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly clients: ClientStore;
      readonly administration: ClientAdministrationStore;
      readonly operator: PreRegistration;
      readonly resources: ResourceStore;
    },
  ) {}

  /** @throws OAuthError invalid_request */
  async list(
    parameters: Parameters,
  ): Promise<{ readonly clients: readonly ClientRepresentation[]; readonly next?: string }> {
    const { limit, cursor, origin, disabled, name_prefix } = readInput(
      pageQuery,
      Object.fromEntries(parameters.pairsWithout([])),
    );
    const found = await this.by.administration.page({
      limit: limit + 1,
      ...(cursor === undefined ? {} : { after: readCursor(cursor) }),
      ...(origin === undefined ? {} : { origin }),
      ...(disabled === undefined ? {} : { disabled }),
      ...(name_prefix === undefined ? {} : { namePrefix: name_prefix }),
    });
    const clients = found.slice(0, limit);
    const last = clients.at(-1);
    return {
      clients: clients.map(representation),
      ...(found.length > limit && last ? { next: cursorAfter(last.id) } : {}),
    };
  }

  /** @throws OAuthError not_found */
  async read(id: string): Promise<AnsweredClient> {
    const known = clientId(id);
    const client = known && (await this.by.clients.find(known));
    if (!client) throw new OAuthError('not_found', 'unknown_client');
    return answered(client);
  }

  /** @throws OAuthError invalid_client_metadata, invalid_redirect_uri, conflict, access_denied */
  async create(caller: OwnPrincipal, body: unknown): Promise<DeclaredAnswer> {
    const declaration = readInput(clientDeclaration, body, 'invalid_client_metadata');
    return this.#declared(await this.#operator(caller).create(declaration), declaration);
  }

  /**
   * @param expected the version that is to be replaced, as `If-Match` has it; `*`: whichever there is
   * @throws OAuthError not_found, precondition_required, precondition_failed, and as for `create`
   * @spec RFC 9110 §13.1.1; RFC 6585 §3
   */
  async replace(
    caller: OwnPrincipal,
    id: string,
    body: unknown,
    expected: string | undefined,
  ): Promise<DeclaredAnswer> {
    if (expected === undefined) throw new OAuthError('precondition_required', 'missing_precondition');
    const declaration = readInput(clientDeclaration, body, 'invalid_client_metadata');
    if (declaration.client_id !== id)
      throw new OAuthError('invalid_client_metadata', 'metadata_of_other_client', {
        problems: [{ member: 'client_id', problem: 'must be the one in the address' }],
      });
    const versions = expected.split(',').map((version) => version.trim());
    const isExpected = (current: Client): boolean => expected === '*' || versions.includes(versionOf(current));
    return this.#declared(await this.#operator(caller).replace(declaration, isExpected), declaration);
  }

  /** @throws OAuthError not_found */
  disable(caller: OwnPrincipal, id: string): Promise<AnsweredClient> {
    return this.#setStanding(caller, id, 'client.disabled');
  }

  /** @throws OAuthError not_found, access_denied */
  enable(caller: OwnPrincipal, id: string): Promise<AnsweredClient> {
    return this.#setStanding(caller, id, 'client.enabled');
  }

  /** @throws OAuthError not_found */
  async remove(caller: OwnPrincipal, id: string): Promise<void> {
    const known = this.#id(id);
    const removed = await this.by.administration.remove(known, this.#event(caller, known, 'client.removed'));
    if (!removed) throw new OAuthError('not_found', 'unknown_client');
  }

  /** @throws OAuthError not_found */
  async revoke(caller: OwnPrincipal, id: string): Promise<{ readonly authorizations: number }> {
    const known = this.#id(id);
    const authorizations = await this.by.administration.revokeAll(known, this.#event(caller, known, 'client.revoked'));
    if (authorizations === undefined) throw new OAuthError('not_found', 'unknown_client');
    return { authorizations };
  }

  /**
   * A new secret; the newest of the old ones stays good until the time that is asked for, a day by default.
   * @throws OAuthError not_found, conflict, access_denied, invalid_request
   */
  async renewSecret(
    caller: OwnPrincipal,
    id: string,
    body: unknown,
  ): Promise<AnsweredClient & { readonly secret: string }> {
    const { previous_expires_at: until } = readInput(secretRequest, body ?? {});
    const overlap =
      until === undefined ? SECRET_OVERLAP.usual : Math.ceil((until.getTime() - this.by.clock.now().getTime()) / 1000);
    if (overlap > SECRET_OVERLAP.most)
      throw new OAuthError('invalid_request', 'malformed_request', {
        problems: [{ member: 'previous_expires_at', problem: 'must be within 90 days' }],
      });
    const rotated = await this.#operator(caller).rotateSecret(this.#id(id), Math.max(0, overlap));
    const { client, secret } = await this.#settled(rotated);
    if (secret === undefined) throw new OAuthError('conflict', 'client_without_secret');
    return { ...answered(client), secret };
  }

  /** @throws OAuthError not_found, access_denied */
  async endPreviousSecret(caller: OwnPrincipal, id: string): Promise<void> {
    await this.#settled(await this.#operator(caller).endPreviousSecret(this.#id(id)));
  }

  async #setStanding(
    caller: OwnPrincipal,
    id: string,
    type: 'client.disabled' | 'client.enabled',
  ): Promise<AnsweredClient> {
    const known = this.#id(id);
    const disable = type === 'client.disabled';
    const operator = this.#operator(caller);
    const result = await (disable ? operator.disable(known) : operator.enable(known));
    if (result.client) return answered(result.client);
    // Not one of an operator's: of those that come by themselves nothing but the standing is ours.
    const event = this.#event(caller, known, type);
    const outcome = await this.by.administration.setDisabled(known, disable ? event.at : undefined, event);
    if (outcome === 'unknown') throw new OAuthError('not_found', 'unknown_client');
    return this.read(known);
  }

  async #declared(result: PreRegistrationResult, { scopes = [] }: ClientDeclaration): Promise<DeclaredAnswer> {
    const { client, secret } = await this.#settled(result);
    const unknown = scopes.length === 0 ? [] : unknownScopes(scopes, await this.by.resources.list());
    return { ...answered(client), ...(secret === undefined ? {} : { secret }), unknownScopes: unknown };
  }

  /** @throws OAuthError for every outcome in which nothing was done */
  async #settled(result: PreRegistrationResult): Promise<{ readonly client: Client; readonly secret?: string }> {
    const { id, outcome, client, secret } = result;
    if (outcome === 'taken') throw new OAuthError('conflict', 'client_id_taken');
    if (outcome === 'outdated') throw new OAuthError('precondition_failed', 'client_changed_since');
    if (outcome === 'not_secret') throw new OAuthError('conflict', 'client_without_secret');
    if (outcome === 'no_previous') throw new OAuthError('not_found', 'no_previous_secret');
    if (client) return { client, ...(secret === undefined ? {} : { secret }) };
    // One that came by itself: what it is, only it can say.
    await this.read(id);
    throw new OAuthError('conflict', 'client_not_pre_registered');
  }

  #operator(caller: OwnPrincipal): PreRegistration {
    return this.by.operator.actingFor(actorOf(caller));
  }

  #event(caller: OwnPrincipal, id: ClientId, type: AuditEvent['type']): AuditEvent {
    return doneBy(actorOf(caller), { type, at: this.by.clock.now(), clientId: id, detail: { byOperator: true } });
  }

  #id(id: string): ClientId {
    const known = clientId(id);
    if (!known) throw new OAuthError('not_found', 'unknown_client');
    return known;
  }
}

function answered(client: Client): AnsweredClient {
  return { version: versionOf(client), client: representation(client) };
}
