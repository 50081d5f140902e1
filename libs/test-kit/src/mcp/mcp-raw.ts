/**
 * MCP requests by hand, of both revisions a server may meet: 2026-07-28 (stateless, headers agree with the body) and
 * 2025-11-25. Header and body can be made to disagree.
 */
import { type Answer, ask } from '../http.js';

export const MODERN = '2026-07-28';
export const LEGACY = '2025-11-25';

export interface RpcAnswer {
  readonly jsonrpc: '2.0';
  readonly id?: number | string | null;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface RpcOptions {
  readonly token?: string | undefined;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Override or, when undefined, remove. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Replaces `_meta`, or removes it when null. */
  readonly meta?: Readonly<Record<string, unknown>> | null;
  readonly id?: number | string;
}

export class McpRaw {
  constructor(readonly resource: string) {}

  /** A request of 2026-07-28. */
  modern(method: string, options: RpcOptions = {}): Promise<Answer> {
    const { params = {}, meta } = options;
    const envelope = {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    };
    const name = method === 'resources/read' ? params['uri'] : params['name'];
    return this.send(
      { method, params: { ...params, ...(meta === null ? {} : { _meta: meta ?? envelope }) } },
      options,
      {
        'mcp-protocol-version': MODERN,
        'mcp-method': method,
        'mcp-name': typeof name === 'string' ? name : undefined,
      },
    );
  }

  /** A request of 2025-11-25. */
  legacy(method: string, options: RpcOptions = {}): Promise<Answer> {
    return this.send({ method, params: options.params ?? {} }, options, { 'mcp-protocol-version': LEGACY });
  }

  call(tool: string, input: Readonly<Record<string, unknown>>, options: RpcOptions = {}): Promise<Answer> {
    return this.modern('tools/call', { ...options, params: { name: tool, arguments: input } });
  }

  private send(
    message: Readonly<Record<string, unknown>>,
    options: RpcOptions,
    own: Readonly<Record<string, string | undefined>>,
  ): Promise<Answer> {
    const headers: Record<string, string | undefined> = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: options.token === undefined ? undefined : `Bearer ${options.token}`,
      ...own,
      ...options.headers,
    };
    return ask(this.resource, {
      method: 'POST',
      headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
      body: JSON.stringify({ jsonrpc: '2.0', id: options.id ?? 1, ...message }),
    });
  }
}

/** The JSON-RPC message of an answer, whether it came as JSON or as the last event of a stream. */
export function rpcOf(answer: Answer): RpcAnswer {
  if (answer.type !== 'text/event-stream') return answer.json<RpcAnswer>();
  const events = answer.text
    .split(/\r?\n\r?\n/)
    .map((event) =>
      event
        .split(/\r?\n/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trim())
        .join('\n'),
    )
    .filter((data) => data !== '');
  const last = events.at(-1);
  if (last === undefined) throw new Error('an event stream without a message');
  return JSON.parse(last) as RpcAnswer;
}
