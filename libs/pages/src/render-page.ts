/**
 * A page as text and headers. Nothing runs in it, nothing is loaded by it, nobody may frame it, and its forms post to
 * us alone: only pages that lead back to a client name the one origin the redirect after the form goes to.
 * @spec RFC 9700 §4.16 (framing)
 */
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { STYLE_SOURCE } from './style.js';

export interface RenderedPage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * `formActionOrigins`: where a form's answer may redirect to. Browsers apply form-action to the redirect as well, so
 * without it the approved code would never reach the client. What is no plain origin is left out.
 * `scriptSource`: the hash of the one script that stands in the page itself.
 */
export function renderPage(
  page: VNode,
  {
    formActionOrigins = [],
    scriptSource,
  }: { readonly formActionOrigins?: readonly string[]; readonly scriptSource?: string } = {},
): RenderedPage {
  const targets = ["'self'", ...formActionOrigins.flatMap((origin) => sourceExpression(origin) ?? [])];
  const policy = [
    "default-src 'none'",
    `style-src ${STYLE_SOURCE}`,
    ...(scriptSource === undefined ? [] : [`script-src ${hashSource(scriptSource)}`]),
    `form-action ${[...new Set(targets)].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    html: `<!doctype html>${renderToString(page)}`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      // Not no-referrer: browsers then send `Origin: null` with our own forms, and the check of Origin would refuse them.
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      // No Cross-Origin-Opener-Policy: clients open us in a pop-up and wait for it to come back.
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    },
  };
}

/** @throws TypeError for anything but the hash of one text: a mistake of ours */
function hashSource(source: string): string {
  if (!/^'sha256-[A-Za-z0-9+/]{43}='$/.test(source)) throw new TypeError('a script is allowed by its hash alone');
  return source;
}

/** The origin as a source expression; undefined for what could end the directive or open it to everybody. */
function sourceExpression(origin: string): string | undefined {
  if (/^https?:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i.test(origin)) return origin;
  // The grammar has no IPv6 addresses; the port still binds it to the one listener.
  const ipv6 = /^http:\/\/\[::1\](:\d{1,5})$/.exec(origin);
  if (ipv6) return `http://*${ipv6[1] ?? ''}`;
  // A private-use scheme belongs to an installed app. https: and the like would be everybody.
  return /^(?!(?:https?|wss?|data|blob|javascript|file|about|filesystem|ftp):)[a-z][a-z0-9+.-]*:$/.test(origin)
    ? origin
    : undefined;
}
