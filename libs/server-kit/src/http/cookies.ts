import type { SecretPrefix } from '@gatehouse/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * The cookies of the house. `browser` and `session` hold nothing but a random secret; what they stand for is in the store.
 * `known` marks a browser that somebody signed in with before; it outlives the browser's end, for it is of use months later.
 * On https the `__Host-` prefix makes the browser refuse a cookie that a sibling subdomain or plain http planted.
 */
export type CookieKind = 'browser' | 'session' | 'known';

const PREFIX: Readonly<Record<CookieKind, SecretPrefix>> = { browser: 'ghb_', session: 'ghw_', known: 'ghk_' };
/** Seconds; absent: until the browser is closed. What `browser` and `session` are worth is the store's decision. */
const MAX_AGE: Partial<Record<CookieKind, number>> = { known: 180 * 86_400 };

export class Cookies {
  readonly #names: Readonly<Record<CookieKind, string>>;
  readonly #attributes: string;

  constructor(issuer: string) {
    const { protocol, port } = new URL(issuer);
    const secure = protocol === 'https:';
    // Cookies are shared by all ports of a host, so a second stack on this machine needs other names.
    const name = (kind: CookieKind): string =>
      secure ? `__Host-gatehouse-${kind}` : `gatehouse-${kind}-${port === '' ? '80' : port}`;
    this.#names = { browser: name('browser'), session: name('session'), known: name('known') };
    this.#attributes = `; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  }

  /** Undefined also for a value that was not made here, and when the name comes twice: then one of them was planted. */
  read(request: FastifyRequest, kind: CookieKind): string | undefined {
    const values = cookieValues(request.headers.cookie, this.#names[kind]);
    const value = values.length === 1 ? values[0] : undefined;
    return value?.startsWith(PREFIX[kind]) && /^[A-Za-z0-9_-]{47}$/.test(value) ? value : undefined;
  }

  write(reply: FastifyReply, kind: CookieKind, value: string): void {
    const maxAge = MAX_AGE[kind];
    void reply.header(
      'set-cookie',
      `${this.#names[kind]}=${value}${maxAge === undefined ? '' : `; Max-Age=${maxAge}`}${this.#attributes}`,
    );
  }

  clear(reply: FastifyReply, kind: CookieKind): void {
    void reply.header('set-cookie', `${this.#names[kind]}=; Max-Age=0${this.#attributes}`);
  }
}

function cookieValues(header: string | undefined, name: string): readonly string[] {
  if (header === undefined) return [];
  return header.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals > 0 && pair.slice(0, equals).trim() === name ? [pair.slice(equals + 1).trim()] : [];
  });
}
