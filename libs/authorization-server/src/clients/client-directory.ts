import type { AuditEvent } from '@gatehouse/audit';
import {
  after,
  type ClientId,
  type Clock,
  matchRedirect,
  OAuthError,
  type Parameters,
  type RefusalReason,
} from '@gatehouse/protocol';
import { type Quarantine, sourceSite } from '../registration/quarantine.js';
import type { ServerPolicy } from '../server-policy.js';
import type { Client } from './client.js';
import { type ClientTrustPolicy, clientTrust } from './client-trust.js';
import type { ClientStore } from './client.store.js';
import type { SecretRenewal } from './secrets.js';
import { isClientIdUrl, looksLikeUrl } from './documents/client-id-url.js';
import { DOCUMENT_AGE, documentCopy } from './documents/document-age.js';
import { changedTerms, readMetadataDocument } from './documents/metadata-document.js';
import type { DocumentAnswer, MetadataDocumentSource } from './documents/metadata-document-source.js';

/** Documents whose last failure is remembered; the oldest fall out first. */
const REMEMBERED = 1000;

/**
 * Every client by its id, wherever it comes from: what was registered is in the store, what publishes a document is
 * fetched, and kept in the store too, so that it stands, can be disabled, and is known to every replica like any other.
 * Only what was fetched and found good is ever kept. A client that is not kept is fetched at the begin of an
 * authorization and nowhere else: no other request makes this server call a stranger's address for the first time.
 * Costs one store call as long as the copy is fresh.
 * @see docs/decisions/0013-clients-by-url.md
 */
export class ClientDirectory {
  readonly #renewing = new Map<ClientId, Promise<Client>>();
  readonly #failedAt = new Map<ClientId, Date>();

  constructor(
    private readonly by: {
      readonly clients: ClientStore;
      readonly documents: MetadataDocumentSource;
      readonly trust: ClientTrustPolicy;
      readonly quarantine: Quarantine;
      readonly policy: ServerPolicy;
      readonly clock: Clock;
    },
  ) {}

  /**
   * The client as it stands now, for the begin of an authorization: a document is had when there is no fresh copy, or
   * when the copy does not `fit` the request and could be older than the client's last change.
   * @throws OAuthError invalid_client, for a page: unknown, unusable, disabled or not wanted here;
   *   temporarily_unavailable when no fetch is possible now
   * @spec draft-ietf-oauth-client-id-metadata-document §4.3, §4.4
   */
  async current(id: ClientId, fits: (client: Client) => boolean = () => true): Promise<Client> {
    const stored = looksLikeUrl(id) ? await this.#currentDocument(id, fits) : await this.by.clients.find(id);
    if (!stored) throw new OAuthError('invalid_client', 'unknown_client', { status: 400 });
    const problem = this.problem(stored);
    if (problem) throw new OAuthError('invalid_client', problem, { status: 400 });
    return stored;
  }

  /**
   * The client for every other request. A copy that has expired is had again, so that changed keys count; when that
   * fails the old one does for a while: what people agreed to does not end because a web server is down.
   * Disabled and refused clients are returned too, see `problem`.
   */
  async find(id: ClientId): Promise<Client | undefined> {
    const client = await this.by.clients.find(id);
    if (!client?.document || this.problem(client) || this.#isFresh(client) || this.#failedJustNow(id)) return client;
    try {
      return await this.#renew(id, client);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      this.#rememberFailure(id);
      return client;
    }
  }

  /** Why this client may do nothing now; undefined: it may. */
  problem(client: Client): RefusalReason | undefined {
    if (client.disabledAt) return 'disabled_client';
    if (clientTrust(this.by.trust, client) === 'refused') return 'client_not_allowed';
    const { document } = client;
    if (document && this.by.clock.now() >= after(document.expiresAt, DOCUMENT_AGE.stale))
      return 'client_document_outdated';
    return undefined;
  }

  isVerified(client: Client): boolean {
    return clientTrust(this.by.trust, client) === 'verified';
  }

  /** A secret was right, but is stored under a key that may be taken away. Whether or not this succeeds, the client is who it is. */
  async renewSecret({ id }: Client, renewal: SecretRenewal): Promise<void> {
    try {
      await this.by.clients.renewSecret(id, renewal);
    } catch {
      // The next use tries again.
    }
  }

  async #currentDocument(id: ClientId, fits: (client: Client) => boolean): Promise<Client> {
    if (!isClientIdUrl(id)) throw new OAuthError('invalid_client', 'malformed_client_id_url', { status: 400 });
    // Before anything is fetched: who is not wanted here does not get a request from here either.
    if (clientTrust(this.by.trust, { id, origin: 'metadata-document', redirectUris: [] }) === 'refused')
      throw new OAuthError('invalid_client', 'client_not_allowed', { status: 400 });
    const stored = await this.by.clients.find(id);
    if (stored?.disabledAt) return stored;
    const usable = stored && this.#isFresh(stored) && (fits(stored) || !this.#mayHaveChanged(stored));
    if (usable) return stored;
    return this.#renew(id, stored).catch((error: unknown) => {
      // Whoever keeps all places busy must not shut out the clients that people use: nobody said their copy is wrong.
      const busy = error instanceof OAuthError && error.reason === 'client_documents_busy';
      if (busy && stored?.document && this.by.clock.now() < after(stored.document.fetchedAt, DOCUMENT_AGE.most))
        return stored;
      throw error;
    });
  }

  #isFresh({ document }: Client): boolean {
    return document === undefined || this.by.clock.now() < document.expiresAt;
  }

  #mayHaveChanged({ document }: Client): boolean {
    return document !== undefined && this.by.clock.now() >= after(document.fetchedAt, DOCUMENT_AGE.least);
  }

  /** However many ask at once, one fetches. */
  #renew(id: ClientId, stored: Client | undefined): Promise<Client> {
    const renewing = this.#renewing.get(id) ?? this.#fetch(id, stored).finally(() => this.#renewing.delete(id));
    this.#renewing.set(id, renewing);
    return renewing;
  }

  async #fetch(id: ClientId, stored: Client | undefined): Promise<Client> {
    const answer = await this.by.documents.get(id, stored?.document?.etag);
    if (answer.kind === 'failure') {
      const { reason, cause } = answer;
      if (reason === 'client_documents_busy') throw new OAuthError('temporarily_unavailable', reason);
      throw new OAuthError('invalid_client', reason, { status: 400, cause });
    }
    this.#failedAt.delete(id);
    const now = this.by.clock.now();
    if (!stored?.document) return this.#adopt(id, answer, now);
    // Only with an etag of ours in the question can "not modified" be an answer.
    if (answer.status === 304 && stored.document.etag !== undefined)
      return this.#keep(stored, { ...stored, document: documentCopy(answer, now, stored.document.etag) });
    const { client } = readMetadataDocument(id, answer, this.by.policy.redirectSchemes);
    return this.#keep(stored, { ...client, createdAt: stored.createdAt, document: documentCopy(answer, now) });
  }

  async #adopt(id: ClientId, answer: DocumentAnswer, now: Date): Promise<Client> {
    const { client, authMethodAssumed } = readMetadataDocument(id, answer, this.by.policy.redirectSchemes);
    const adopted: Client = { ...client, createdAt: now, document: documentCopy(answer, now) };
    return this.#store(adopted, authMethodAssumed ? { authMethodAssumed } : {});
  }

  async #store(adopted: Client, more: Readonly<Record<string, boolean>>): Promise<Client> {
    const { id: clientId, origin, applicationType, authMethod, createdAt: at } = adopted;
    const detail = { origin, applicationType, authMethod, ...more };
    const { hostname } = new URL(clientId);
    const audit = { type: 'client.registered', at, clientId, detail } as const;
    const stored = await this.by.clients.adopt(adopted, audit, sourceSite(hostname));
    // Another replica may have been first; then its copy is as good.
    if (!stored) return (await this.by.clients.find(clientId)) ?? adopted;
    await this.by.quarantine.grew();
    return adopted;
  }

  /**
   * Who agreed, agreed to what the document said then: when that changed, stored consents go and the change is recorded.
   * Authorizations stay, and from now on the client authenticates as the new document says.
   * @spec draft-ietf-oauth-client-id-metadata-document §6.3
   */
  async #keep(stored: Client, renewed: Client): Promise<Client> {
    const changes = changedTerms(stored, renewed);
    const change: AuditEvent | undefined =
      changes.length === 0
        ? undefined
        : {
            type: 'client.changed',
            at: this.by.clock.now(),
            clientId: renewed.id,
            detail: Object.fromEntries(changes.map((term) => [term, true])),
          };
    if (await this.by.clients.renew(stored, renewed, change)) return renewed;
    const now = await this.by.clients.find(renewed.id);
    // Never used, and reaped at this moment: it comes for the first time again.
    return now ?? this.#store({ ...renewed, createdAt: this.by.clock.now() }, {});
  }

  #failedJustNow(id: ClientId): boolean {
    const failedAt = this.#failedAt.get(id);
    return failedAt !== undefined && this.by.clock.now() < after(failedAt, DOCUMENT_AGE.pause);
  }

  #rememberFailure(id: ClientId): void {
    this.#failedAt.delete(id);
    this.#failedAt.set(id, this.by.clock.now());
    const [oldest] = this.#failedAt.keys();
    if (this.#failedAt.size > REMEMBERED && oldest !== undefined) this.#failedAt.delete(oldest);
  }
}

/** Does the client have the redirect URI that the request names, if it names one? If not, our copy may be too old. */
export function answersThere(parameters: Parameters): (client: Client) => boolean {
  const redirect = parameters.get('redirect_uri');
  return ({ redirectUris }) => redirect === undefined || matchRedirect(redirect, redirectUris) !== undefined;
}
