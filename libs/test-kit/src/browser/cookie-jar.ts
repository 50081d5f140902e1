/**
 * Cookies as a browser keeps them: by host, not by port, with Path, Secure, expiry and the __Host- rule.
 * A cookie that a browser would drop is an error here, for then the page only works in tests.
 */
interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
  readonly secure: boolean;
}

export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /** The lines of Set-Cookie, for assertions on attributes. */
  readonly received: string[] = [];

  /** @throws Error for a cookie that a browser would not store */
  store(url: string, lines: readonly string[]): void {
    const { hostname, protocol } = new URL(url);
    for (const line of lines) {
      this.received.push(line);
      const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
      const attributes = new Map(
        rest.map((part) => {
          const [name = '', ...value] = part.split('=');
          return [name.toLowerCase(), value.join('=')];
        }),
      );
      const at = pair.indexOf('=');
      if (at < 1) throw new Error(`not a cookie: ${line}`);
      const name = pair.slice(0, at);
      const secure = attributes.has('secure');
      const path = attributes.get('path') ?? '/';
      if (secure && protocol !== 'https:') throw new Error(`a Secure cookie over http: ${name}`);
      if (name.startsWith('__Host-') && (!secure || path !== '/' || attributes.has('domain')))
        throw new Error(`a __Host- cookie must be Secure, Path=/ and without Domain: ${line}`);
      if (attributes.has('domain')) throw new Error(`a cookie for a whole domain: ${name}`);
      const key = `${hostname} ${path} ${name}`;
      if (isOver(attributes)) this.#cookies.delete(key);
      else this.#cookies.set(key, { host: hostname, path, name, value: pair.slice(at + 1), secure });
    }
  }

  /** The Cookie header for a request, or undefined. */
  header(url: string): string | undefined {
    const { hostname, pathname, protocol } = new URL(url);
    const fitting = [...this.#cookies.values()].filter(
      ({ host, path, secure }) =>
        host === hostname &&
        (!secure || protocol === 'https:') &&
        (path === '/' || pathname === path || pathname.startsWith(`${path}/`)),
    );
    return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  get(name: RegExp): { readonly name: string; readonly value: string } | undefined {
    return [...this.#cookies.values()].find((cookie) => name.test(cookie.name));
  }

  /** A browser that lost or was given cookies. */
  plant(url: string, name: string, value: string): void {
    const { hostname } = new URL(url);
    this.#cookies.set(`${hostname} / ${name}`, { host: hostname, path: '/', name, value, secure: false });
  }

  forget(name: RegExp): void {
    for (const [key, cookie] of this.#cookies) if (name.test(cookie.name)) this.#cookies.delete(key);
  }
}

function isOver(attributes: ReadonlyMap<string, string>): boolean {
  const age = attributes.get('max-age');
  if (age !== undefined) return Number(age) <= 0;
  const expires = attributes.get('expires');
  return expires !== undefined && Date.parse(expires) <= Date.now();
}
