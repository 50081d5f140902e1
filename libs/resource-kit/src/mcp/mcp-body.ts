import { isJsonContentType } from '@modelcontextprotocol/server';
import type { FastifyRequest } from 'fastify';
import type { Resource } from '../resource/resource.js';
import type { Tool } from '../resource/tool.js';
import { McpRefusal } from './mcp-refusal.js';

/** Deeper than any sane argument; deep enough nesting makes recursive readers overflow their stack. */
const MAX_DEPTH = 64;

/** As the official server has it; here it also bounds what is decided and logged before that server is asked. */
const MAX_BATCH = 100;

type JsonObject = Readonly<Record<string, unknown>>;

const parsed = new WeakMap<FastifyRequest, unknown>();

/** The body as JSON, parsed once: guard and handler must not read it in two ways. Undefined when it is none. */
export function jsonOf(request: FastifyRequest): unknown {
  if (!parsed.has(request)) parsed.set(request, parse(request.body));
  return parsed.get(request);
}

function parse(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  try {
    // Bytes that are no UTF-8 are refused: what one reader replaces, another might read as something else.
    const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
    return isShallow(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function isShallow(json: unknown): boolean {
  let level: unknown[] = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return false;
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return true;
}

/** @throws McpRefusal for a body that is not JSON, does not say that it is, or is a batch without end */
export function requireReadable(request: FastifyRequest): unknown {
  const { 'content-type': type, 'content-encoding': coding = 'identity' } = request.raw.headers;
  if (!isJsonContentType(type ?? null) || !isUtf8(type ?? '') || coding.toLowerCase() !== 'identity')
    throw new McpRefusal('unsupported_media_type', 'wrong_content_type');
  const json = jsonOf(request);
  if (json === undefined) throw new McpRefusal('parse_error', 'malformed_request');
  if (typeof json !== 'object' || json === null || (Array.isArray(json) && json.length > MAX_BATCH))
    throw new McpRefusal('invalid_request', 'malformed_request');
  return json;
}

/** A filter in front of us that believes another charset, or a coding, inspects another text than we read. */
function isUtf8(contentType: string): boolean {
  return [...contentType.matchAll(/;\s*charset\s*=\s*([^;]*)/gi)].every(([, charset = '']) =>
    /^("?)utf-?8\1$/i.test(charset.trim()),
  );
}

/** One message, or those of a batch, which older revisions know. */
export function messagesOf(json: unknown): readonly JsonObject[] {
  return (Array.isArray(json) ? (json as unknown[]) : [json]).filter(
    (message): message is JsonObject => typeof message === 'object' && message !== null && !Array.isArray(message),
  );
}

/** The id to answer with: of a single request only. */
export function requestIdOf(messages: readonly JsonObject[]): string | number | null {
  const [message, ...more] = messages;
  const id = message?.['id'];
  return more.length === 0 && (typeof id === 'string' || typeof id === 'number') ? id : null;
}

export interface ToolCallMessage {
  readonly tool: Tool;
  readonly input: unknown;
}

/** The calls of tools that exist, of every message. What is called otherwise is the handler's to answer. */
export function toolCallsOf(messages: readonly JsonObject[], resource: Resource): readonly ToolCallMessage[] {
  return messages.flatMap((message) => {
    const { method, params } = message;
    if (method !== 'tools/call' || typeof params !== 'object' || params === null) return [];
    const { name, arguments: input } = params as JsonObject;
    const tool = typeof name === 'string' ? resource.tools.get(name) : undefined;
    return tool ? [{ tool, input }] : [];
  });
}
