import { type DocumentAnswer, type DocumentFailure, MetadataDocumentSource } from '@gatehouse/authorization-server';
import type { ClientId } from '@gatehouse/protocol';
import type { FetchProblem, GuardedAnswer, GuardedFetch } from './guarded-fetch.js';

/** More than any published document needs. @spec draft-ietf-oauth-client-id-metadata-document §6.6 */
const MAX_BYTES = 5 * 1024;

const REASONS: Readonly<Record<FetchProblem, DocumentFailure['reason']>> = {
  forbidden_url: 'client_document_forbidden_address',
  forbidden_address: 'client_document_forbidden_address',
  unresolvable: 'client_document_unreachable',
  unreachable: 'client_document_unreachable',
  untrusted_certificate: 'client_document_unreachable',
  too_slow: 'client_document_unreachable',
  malformed_answer: 'client_document_unreachable',
  oversized: 'client_document_oversized',
  busy: 'client_documents_busy',
  paused: 'client_document_unreachable',
};

/** Metadata documents of clients, from the addresses that are their ids. */
export class GuardedDocumentSource extends MetadataDocumentSource {
  constructor(private readonly fetch: GuardedFetch) {
    super();
  }

  override async get(id: ClientId, etag?: string): Promise<DocumentAnswer | DocumentFailure> {
    const answer = await this.fetch.get(id, {
      accept: 'application/json',
      maxBytes: MAX_BYTES,
      ...(etag === undefined ? {} : { ifNoneMatch: etag }),
    });
    if (answer.kind === 'answer') return toDocumentAnswer(answer);
    // Which of several problems it was is for the log alone.
    const cause = new Error(answer.problem, { cause: answer.cause });
    return { kind: 'failure', reason: REASONS[answer.problem], cause };
  }
}

function toDocumentAnswer({ status, headers, body }: GuardedAnswer): DocumentAnswer {
  const sent = {
    contentType: headers['content-type'],
    etag: headers['etag'],
    cacheControl: headers['cache-control'],
    age: headers['age'],
    expires: headers['expires'],
    date: headers['date'],
  };
  const present = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined));
  return { kind: 'answer', status, body, ...present };
}
