import type { ClientId, RefusalReason } from '@gatehouse/protocol';

/** What the web server behind a client id said. What it means is decided here, not where it is fetched. */
export interface DocumentAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly body: Uint8Array;
  /** The headers as they came; undefined: not sent. */
  readonly contentType?: string;
  readonly etag?: string;
  readonly cacheControl?: string;
  readonly age?: string;
  readonly expires?: string;
  readonly date?: string;
}

/** No answer was had. `client_documents_busy`: nobody was asked, for too much is being fetched already. */
export interface DocumentFailure {
  readonly kind: 'failure';
  readonly reason: Extract<
    RefusalReason,
    | 'client_document_forbidden_address'
    | 'client_document_unreachable'
    | 'client_document_oversized'
    | 'client_documents_busy'
  >;
  readonly cause?: unknown;
}

/**
 * Where metadata documents come from. The address is a stranger's word, so an implementation must reach public https
 * addresses only, check the one it connects to, follow no redirect, and bound size, time and number of fetches.
 */
export abstract class MetadataDocumentSource {
  /**
   * Asks for the document at its client id; with `etag` only for a newer one, and then 304 may be the answer.
   * Never throws for what the other side does.
   * @spec draft-ietf-oauth-client-id-metadata-document §4
   */
  abstract get(id: ClientId, etag?: string): Promise<DocumentAnswer | DocumentFailure>;
}
