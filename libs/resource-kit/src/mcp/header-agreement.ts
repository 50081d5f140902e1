/**
 * Gateways route and authorise on Mcp-Method and Mcp-Name, so these may not lie. The official server checks them for
 * requests of 2026-07-28; a request that looks like an older revision would get past it. Here the check is the same for
 * all: whoever sends such a header must mean it.
 * @spec MCP 2026-07-28, Streamable HTTP, Standard Request Headers
 */
import type { IncomingHttpHeaders } from 'node:http';
import { McpRefusal } from './mcp-refusal.js';
import { requestIdOf } from './mcp-body.js';

type Message = Readonly<Record<string, unknown>>;

/** Which member of `params` the header repeats. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/** @throws McpRefusal when a header is there and says something else than the body */
export function requireAgreement(headers: IncomingHttpHeaders, messages: readonly Message[]): void {
  const method = headers['mcp-method'];
  const name = headers['mcp-name'];
  const agree = messages.every(
    (message) =>
      (method === undefined || message['method'] === method) && (name === undefined || isNamed(message, name)),
  );
  if (!agree) throw new McpRefusal('header_mismatch', 'header_body_mismatch', requestIdOf(messages));
}

function isNamed({ method, params }: Message, header: string | string[]): boolean {
  const member = typeof method === 'string' ? NAMED_BY[method] : undefined;
  // A method without a name: the header says nothing about it that could be wrong.
  if (member === undefined) return true;
  const name = typeof params === 'object' && params !== null ? (params as Message)[member] : undefined;
  return typeof header === 'string' && name === decoded(header);
}

/** Names that a header cannot carry come as `=?base64?…?=`. */
function decoded(header: string): string | undefined {
  const encoded = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/.exec(header)?.[1];
  if (encoded === undefined) return header;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
