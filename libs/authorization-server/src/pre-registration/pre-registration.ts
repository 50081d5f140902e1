import { after, type ClientId, type Clock, newSecret, OAuthError } from '@gatehouse/protocol';
import { isDeepStrictEqual } from 'node:util';
import { type Actor, doneBy } from '../administration/actor.js';
import type { Client, ClientSecret } from '../clients/client.js';
import { changedTerms } from '../clients/documents/metadata-document.js';
import type { Secrets } from '../clients/secrets.js';
import { hasSecret } from '../registration/resulting-client.js';
import { ADMIN_SCOPES } from '../resources/own-resources.js';
import type { ServerPolicy } from '../server-policy.js';
import { type ClientDeclaration, declaredClient } from './client-declaration.js';
import type { ClientChange, PreRegistrationStore } from './pre-registration.store.js';

export type PreRegistrationOutcome =
  'created' | 'changed' | 'unchanged' | 'outdated' | 'taken' | 'unknown' | 'not_secret' | 'no_previous';

export interface PreRegistrationResult {
  readonly id: ClientId;
  readonly outcome: PreRegistrationOutcome;
  readonly client?: Client;
  /** Shown to the operator now or never. */
  readonly secret?: string;
}

/**
 * What an operator does with clients: declare them, give them a new secret, stop them. A declaration is the whole truth
 * about a client but for its secrets, so applying it twice is applying it once, and a secret is made only where one is
 * needed and there is none. Tokens need no visit: whoever is disabled or may do less is refused at the next use.
 */
export class PreRegistration {
  constructor(
    private readonly by: {
      readonly policy: Pick<ServerPolicy, 'redirectSchemes'>;
      readonly clock: Clock;
      readonly store: PreRegistrationStore;
      readonly secrets: Secrets;
      /** Who asks, through the administration API. Absent: whoever may run a command beside the server. */
      readonly actor?: Actor;
    },
  ) {}

  /** The same for somebody who comes through the API: recorded with the name, and kept from what only a command may do. */
  actingFor(actor: Actor): PreRegistration {
    return new PreRegistration({ ...this.by, actor });
  }

  list(): Promise<readonly Client[]> {
    return this.by.store.list();
  }

  /** @throws OAuthError invalid_redirect_uri */
  async create(declaration: ClientDeclaration): Promise<PreRegistrationResult> {
    const now = this.by.clock.now();
    const declared = declaredClient(declaration, this.by.policy.redirectSchemes);
    const secret = hasSecret(declared.authMethod) ? newSecret('ghs_') : undefined;
    const client: Client = {
      ...declared,
      secrets: secret === undefined ? [] : [{ hash: this.by.secrets.hash(secret) }],
      createdAt: now,
      ...(declaration.disabled ? { disabledAt: now } : {}),
    };
    this.#requireWithinReach(client);
    const created = await this.by.store.create(
      client,
      doneBy(this.by.actor, {
        type: 'client.registered',
        at: now,
        clientId: client.id,
        detail: { applicationType: client.applicationType, authMethod: client.authMethod, byOperator: true },
      }),
    );
    if (!created) return { id: client.id, outcome: 'taken' };
    return { id: client.id, outcome: 'created', client, ...(secret === undefined ? {} : { secret }) };
  }

  /**
   * Creates the client, or makes the one that is there what the declaration says. `taken`: the id belongs to a client that
   * no operator registered.
   * @throws OAuthError invalid_redirect_uri
   */
  async apply(declaration: ClientDeclaration): Promise<PreRegistrationResult> {
    const result = await this.replace(declaration);
    // Two operators at once: whoever comes second finds the client of the first.
    return result.outcome === 'unknown' ? this.create(declaration) : result;
  }

  /**
   * Makes the client that is there what the declaration says.
   * @param expected false for a version that is not the one the caller has seen: `outdated`, nothing was changed
   * @throws OAuthError invalid_redirect_uri, access_denied
   */
  async replace(
    declaration: ClientDeclaration,
    expected: (current: Client) => boolean = () => true,
  ): Promise<PreRegistrationResult> {
    const now = this.by.clock.now();
    const declared = declaredClient(declaration, this.by.policy.redirectSchemes);
    const fresh = newSecret('ghs_');
    let secret: string | undefined;
    let outcome: PreRegistrationOutcome = 'unchanged';
    const client = await this.by.store.change(declared.id, (current) => {
      outcome = 'outdated';
      secret = undefined;
      if (!expected(current)) return undefined;
      // Whoever declared the client over HTTP, by a token that was lent, may have waited for just this with its secret.
      const rises = administers(declared) && !administers(current);
      const needsSecret = hasSecret(declared.authMethod) && (current.secrets.length === 0 || rises);
      secret = needsSecret ? fresh : undefined;
      const disabled = declaration.disabled ?? current.disabledAt !== undefined;
      const disabledAt = disabled ? (current.disabledAt ?? now) : undefined;
      const next: Client = {
        ...declared,
        secrets: this.#secretsAfter(current, declared.authMethod, secret),
        createdAt: current.createdAt,
        ...(disabledAt ? { disabledAt } : {}),
      };
      this.#requireWithinReach(current);
      this.#requireWithinReach(next);
      outcome = isDeepStrictEqual(next, current) ? 'unchanged' : 'changed';
      if (outcome === 'unchanged') return undefined;
      const change = this.#changed('client.changed', next, now);
      // Nobody agreed to the new address, whoever may declare it: stored consents would hand out codes there in silence.
      return changedTerms(current, next).length > 0 ? { ...change, endsAgreements: true } : change;
    });
    if (!client) return { id: declared.id, outcome: 'unknown' };
    return { id: client.id, outcome, client, ...(secret === undefined ? {} : { secret }) };
  }

  /**
   * A new secret. The newest of the old ones stays good for `overlap` seconds, so that the client can be changed over; any
   * other ends at once.
   */
  async rotateSecret(id: ClientId, overlap: number): Promise<PreRegistrationResult> {
    const now = this.by.clock.now();
    const secret = newSecret('ghs_');
    const client = await this.by.store.change(id, (current) => {
      if (!hasSecret(current.authMethod)) return undefined;
      this.#requireWithinReach(current);
      const secrets = [{ hash: this.by.secrets.hash(secret) }, ...ending(current.secrets, after(now, overlap), now)];
      return this.#changed('client.secret_rotated', { ...current, secrets }, now);
    });
    if (!client) return { id, outcome: 'unknown' };
    if (!hasSecret(client.authMethod)) return { id, outcome: 'not_secret', client };
    return { id, outcome: 'changed', client, secret };
  }

  disable(id: ClientId): Promise<PreRegistrationResult> {
    const now = this.by.clock.now();
    return this.#change(id, (current) =>
      current.disabledAt ? undefined : this.#changed('client.disabled', { ...current, disabledAt: now }, now),
    );
  }

  enable(id: ClientId): Promise<PreRegistrationResult> {
    const now = this.by.clock.now();
    return this.#change(id, ({ disabledAt, ...enabled }) => {
      this.#requireWithinReach(enabled);
      return disabledAt ? this.#changed('client.enabled', enabled, now) : undefined;
    });
  }

  /** Ends the secret that was kept while the newest replaced it. */
  async endPreviousSecret(id: ClientId): Promise<PreRegistrationResult> {
    const now = this.by.clock.now();
    const result = await this.#change(id, (current) => {
      this.#requireWithinReach(current);
      const [newest, ...older] = current.secrets;
      const previous = older.some(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
      return newest && previous
        ? this.#changed('client.secret_rotated', { ...current, secrets: [newest] }, now)
        : undefined;
    });
    return result.outcome === 'unchanged' ? { ...result, outcome: 'no_previous' } : result;
  }

  async #change(id: ClientId, change: (client: Client) => ClientChange | undefined): Promise<PreRegistrationResult> {
    let outcome: PreRegistrationOutcome = 'unchanged';
    const client = await this.by.store.change(id, (current) => {
      const result = change(current);
      outcome = result ? 'changed' : 'unchanged';
      return result;
    });
    return client ? { id, outcome, client } : { id, outcome: 'unknown' };
  }

  /**
   * Who could make or take over a client that administers would keep what it was lent for minutes: such clients are made,
   * changed and given secrets by command only. Stopping one is always good.
   */
  #requireWithinReach(client: Client): void {
    if (this.by.actor && administers(client)) throw new OAuthError('access_denied', 'administrator_client');
  }

  #changed(type: ClientChange['audit']['type'], client: Client, at: Date): ClientChange {
    const detail = { authMethod: client.authMethod, byOperator: true };
    return { client, audit: doneBy(this.by.actor, { type, at, clientId: client.id, detail }) };
  }

  #secretsAfter(current: Client, method: Client['authMethod'], secret: string | undefined): readonly ClientSecret[] {
    if (!hasSecret(method)) return [];
    return secret === undefined ? current.secrets : [{ hash: this.by.secrets.hash(secret) }];
  }
}

function administers({ scopes = [] }: Pick<Client, 'scopes'>): boolean {
  return scopes.some((scope) => ADMIN_SCOPES.includes(scope));
}

/** The newest of the secrets that are still good, until `end` at the latest. */
function ending(secrets: readonly ClientSecret[], end: Date, now: Date): readonly ClientSecret[] {
  const newest = secrets.find(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
  if (!newest || end <= now) return [];
  return [{ hash: newest.hash, expiresAt: newest.expiresAt && newest.expiresAt < end ? newest.expiresAt : end }];
}
