/**
 * Well-known URLs are built on the configured string: no URL class, which would add a slash to an origin.
 * @spec RFC 8414 §3.1; RFC 9728 §3.1; OpenID Connect Discovery §4
 */
interface Parts {
  readonly origin: string;
  /** '' or '/…' without a terminating slash */
  readonly path: string;
  readonly query: string;
}

function parts(identifier: string): Parts {
  const match = /^(https?:\/\/[^/?#]+)([^?#]*)(\?[^#]*)?$/.exec(identifier);
  if (!match?.[1]) throw new TypeError(`not an absolute http(s) URL: ${identifier}`);
  return { origin: match[1], path: (match[2] ?? '').replace(/\/$/, ''), query: match[3] ?? '' };
}

/** The three URLs at which clients look for the metadata of an issuer, in their order; two when it has no path. */
export function authorizationServerMetadataUrls(issuer: string): readonly string[] {
  const { origin, path } = parts(issuer);
  const inserted = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
  ];
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`];
}

export function protectedResourceMetadataUrl(resource: string): string {
  const { origin, path, query } = parts(resource);
  return `${origin}/.well-known/oauth-protected-resource${path}${query}`;
}

/** Path of a URL as a router wants it: '' for an origin, '/t1' for https://h/t1 and https://h/t1/. */
export function pathOf(url: string): string {
  return parts(url).path;
}

export function originOf(url: string): string {
  return parts(url).origin;
}
