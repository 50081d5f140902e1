import type { ClientId } from '@gatehouse/protocol';
import {
  type DocumentAnswer,
  type DocumentFailure,
  MetadataDocumentSource,
} from '../clients/documents/metadata-document-source.js';

/** The answer of a well-run web server that holds `document`. */
export function documentAnswer(document: unknown, more: Partial<DocumentAnswer> = {}): DocumentAnswer {
  const body = new TextEncoder().encode(typeof document === 'string' ? document : JSON.stringify(document));
  return { kind: 'answer', status: 200, contentType: 'application/json', body, ...more };
}

/** The web as metadata documents are fetched from it: what is published where, and what was asked for. */
export class TestDocuments extends MetadataDocumentSource {
  readonly published = new Map<string, DocumentAnswer | DocumentFailure>();
  readonly asked: { readonly id: ClientId; readonly etag?: string }[] = [];

  publish(id: string, document: object = {}, more: Partial<DocumentAnswer> = {}): ClientId {
    const standard = {
      client_id: id,
      client_name: 'Ledger assistant',
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    };
    this.published.set(id, documentAnswer({ ...standard, ...document }, more));
    return id as ClientId;
  }

  fail(id: string, reason: DocumentFailure['reason'] = 'client_document_unreachable'): void {
    this.published.set(id, { kind: 'failure', reason });
  }

  override async get(id: ClientId, etag?: string): Promise<DocumentAnswer | DocumentFailure> {
    this.asked.push({ id, ...(etag === undefined ? {} : { etag }) });
    await new Promise((resolve) => setImmediate(resolve));
    const answer = this.published.get(id) ?? documentAnswer('', { status: 404 });
    const unchanged = answer.kind === 'answer' && etag !== undefined && answer.etag === etag;
    return unchanged ? { ...answer, status: 304, body: new Uint8Array() } : answer;
  }
}
