import type { ResourceIdentifier } from './brand.js';

/**
 * Form in which two spellings of a resource are compared: scheme and host in lower case, default port dropped, and an
 * origin with and without its slash are one. Undefined for anything that is no absolute http(s) URI without fragment.
 * The registered spelling, not this one, goes into `aud`.
 * @spec RFC 8707 §2; MCP authorization, Canonical Server URI
 */
export function comparableResource(text: string): string | undefined {
  if (text.length > 2000 || !/^[\x21-\x7e]+$/.test(text) || /[#\\]/.test(text)) return undefined;
  // A host must be there, for a parser would take it from the path of https:///path; and nothing before it but the scheme.
  const authority = /^https?:\/\/([^/?@]+)(?=[/?]|$)/i.exec(text);
  if (!authority || !URL.canParse(text)) return undefined;
  // Only scheme and host are case-insensitive. The path is taken as written, so that no dot segment is resolved away.
  const rest = text.slice(authority[0].length);
  return new URL(text).origin + (rest.startsWith('/') ? rest : `/${rest}`);
}

export function sameResource(a: string, b: string): boolean {
  const left = comparableResource(a);
  return left !== undefined && left === comparableResource(b);
}

/** @throws TypeError for what cannot be an identifier; for configuration, not for requests */
export function resourceIdentifier(text: string): ResourceIdentifier {
  if (comparableResource(text) === undefined) throw new TypeError(`not a resource identifier: ${text}`);
  return text as ResourceIdentifier;
}
