import type { Brand } from './brand.js';

/** A redirect URI that was matched with a registered one. Only this makes it safe to send anything there. */
export type VerifiedRedirect = Brand<string, 'VerifiedRedirect'>;

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?(?=[/?]|$)/;

/** Compared as written: no parser may make two spellings equal. */
export function isLoopbackRedirect(uri: string): boolean {
  return LOOPBACK.test(uri);
}

/**
 * Does the answer stay on the person's own machine, whatever the scheme of the web? Any program there could be the one that
 * listens.
 */
export function staysOnThisMachine(uri: string): boolean {
  const { protocol, hostname: written } = new URL(uri);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  const hostname = written.replace(/\.$/, '');
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function withoutLoopbackPort(uri: string): string | undefined {
  const match = LOOPBACK.exec(uri);
  return match ? `http://${match[1] ?? ''}${uri.slice(match[0].length)}` : undefined;
}

/**
 * Exact string comparison with each registered URI; the one freedom is the port of a loopback URI, for native
 * clients listen on whatever port they get. `localhost` is not 127.0.0.1, and https has no freedom at all.
 * @spec OAuth 2.1 §4.1.1, §8.4.2; RFC 8252 §7.3
 */
export function matchRedirect(requested: string, registered: readonly string[]): VerifiedRedirect | undefined {
  if (registered.includes(requested)) return requested as VerifiedRedirect;
  const portless = withoutLoopbackPort(requested);
  if (portless === undefined || !hasSanePort(requested)) return undefined;
  return registered.some((uri) => withoutLoopbackPort(uri) === portless) ? (requested as VerifiedRedirect) : undefined;
}

function hasSanePort(uri: string): boolean {
  const port = LOOPBACK.exec(uri)?.[2];
  return port === undefined || (Number(port.slice(1)) > 0 && Number(port.slice(1)) <= 65535);
}

export type RedirectProblem = 'invalid_redirect_uri' | 'forbidden_redirect_scheme';

/** Schemes that run or read something in the browser, whatever an operator allows. */
const NEVER = new Set([
  'javascript',
  'data',
  'file',
  'vbscript',
  'blob',
  'about',
  'view-source',
  'filesystem',
  'ws',
  'wss',
  'ftp',
  'http',
  'https',
  'mailto',
  'tel',
]);

/**
 * May this URI be registered? https, or http on loopback; private-use schemes only if the operator allowed them by name.
 * No fragment, no user information, no control or non-ASCII characters, no backslash: nothing two parsers could read differently.
 * @spec OAuth 2.1 §2.3.1, §8.4.3; MCP authorization, Communication Security
 */
export function redirectProblem(uri: string, allowedSchemes: readonly string[] = []): RedirectProblem | undefined {
  if (uri.length > 2000 || !/^[\x21-\x7e]+$/.test(uri) || /[\\"'<>^`{|}#]/.test(uri)) return 'invalid_redirect_uri';
  if (!URL.canParse(uri)) return 'invalid_redirect_uri';
  const url = new URL(uri);
  const scheme = url.protocol.slice(0, -1);
  if (scheme === 'https') {
    // Plain host names only: a parser also takes "a;script-src *" for one, and a page's policy names the host.
    const authority = /^https:\/\/((?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d+)?)(?=[/?]|$)/.exec(uri)?.[1];
    if (authority === undefined || authority !== url.host) return 'invalid_redirect_uri';
    // "evil.example." is the same host to a browser, and another one to every list of hosts.
    if (/^\.|\.\.|\.$/.test(url.hostname)) return 'invalid_redirect_uri';
    return hasDotSegments(uri) ? 'invalid_redirect_uri' : undefined;
  }
  if (scheme === 'http') {
    if (!isLoopbackRedirect(uri) || !hasSanePort(uri)) return 'invalid_redirect_uri';
    return hasDotSegments(uri) ? 'invalid_redirect_uri' : undefined;
  }
  if (NEVER.has(scheme) || !allowedSchemes.includes(scheme)) return 'forbidden_redirect_scheme';
  return undefined;
}

function hasDotSegments(uri: string): boolean {
  const path = uri.replace(/^[a-z]+:\/\/[^/?]*/, '').split('?')[0] ?? '';
  return path.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
}

/** What a person is shown: host and port, or the scheme of a private-use URI. */
export function redirectDisplayHost(uri: string): string {
  const url = new URL(uri);
  return url.host === '' ? `${url.protocol}//…` : url.host;
}
