import type { RefusalReason } from '@gatehouse/protocol';

const KINDS = {
  unsupported_media_type: {
    status: 415,
    code: -32000,
    text: 'The body must be application/json in UTF-8, not encoded otherwise.',
  },
  parse_error: { status: 400, code: -32700, text: 'The body is not JSON.' },
  invalid_request: { status: 400, code: -32600, text: 'The body is not a JSON-RPC message.' },
  header_mismatch: { status: 400, code: -32020, text: 'The headers and the body of the request disagree.' },
} as const;

/**
 * A message that MCP's own rules refuse, answered as JSON-RPC. Refusals of the caller are OAuthErrors: codes of the
 * protocol are not for authorization.
 */
export class McpRefusal extends Error {
  override readonly name = 'McpRefusal';
  readonly status: number;
  readonly code: number;
  readonly description: string;

  constructor(
    kind: keyof typeof KINDS,
    readonly reason: RefusalReason,
    /** Of the request that is refused, when there is exactly one. */
    readonly id: string | number | null = null,
  ) {
    super(kind);
    const { status, code, text } = KINDS[kind];
    this.status = status;
    this.code = code;
    this.description = text;
  }
}
