/**
 * One HTTP exchange as it stands on the wire: no redirect is followed, no header is added, any byte may be sent.
 * `fetch` would hide what these tests look at, and cannot reach one replica under another's name.
 */
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Ask {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** Origin to connect to instead of the URL's own, as a load balancer does; the Host header stays. */
  readonly via?: string | undefined;
  /** Request target to write instead of the URL's path and query. */
  readonly target?: string;
  readonly timeout?: number;
}

/** How everything a browser or client sends travels: the load balancer and the proxies in front of the house. */
export interface Travel {
  /** The origin to connect to for a URL; see Ask. */
  readonly via?: (url: string) => string | undefined;
  /** Added to every request, as a proxy does. */
  readonly headers?: OutgoingHttpHeaders;
}

export class Answer {
  constructor(
    readonly url: string,
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly text: string,
  ) {}

  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  get type(): string {
    return (this.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  }

  /** Where a redirect leads, as an absolute URL. */
  get location(): string | undefined {
    const to = this.header('location');
    return to === undefined ? undefined : new URL(to, this.url).href;
  }

  /** @throws Error when the body is not JSON: the message says what came instead */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what it expects
  json<T = Record<string, unknown>>(): T {
    try {
      return JSON.parse(this.text) as T;
    } catch (cause) {
      throw new Error(`${this.url} answered ${this.status} ${this.type}, not JSON: ${this.text.slice(0, 200)}`, {
        cause,
      });
    }
  }

  /** The body as an OAuth error, for assertions. */
  get error(): string | undefined {
    return this.type === 'application/json' ? this.json<{ error?: string }>().error : undefined;
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: 'lifo', timeout: 30_000 });

/** @throws Error when no complete answer came: refused, reset, cut off, too late */
export function ask(url: string, options: Ask = {}): Promise<Answer> {
  const target = new URL(url);
  const at = new URL(options.via ?? url);
  const send = at.protocol === 'https:' ? requestHttps : requestHttp;
  const body = options.body;
  return new Promise((resolve, reject) => {
    const outgoing = send(
      {
        host: at.hostname.replace(/^\[|\]$/g, ''),
        port: at.port,
        path: options.target ?? target.pathname + target.search,
        method: options.method ?? 'GET',
        headers: {
          host: target.host,
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
          ...options.headers,
        },
        ...(at.protocol === 'https:' ? {} : { agent }),
        timeout: options.timeout ?? 20_000,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          if (!incoming.complete) reject(new Error(`${url}: the answer was cut off`));
          else
            resolve(
              new Answer(url, incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks).toString('utf8')),
            );
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${url}: no answer in time`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A form body with its headers. */
export function form(
  fields: Iterable<readonly [string, string]> | Readonly<Record<string, string | undefined>>,
  headers: OutgoingHttpHeaders = {},
): Pick<Ask, 'method' | 'headers' | 'body'> {
  const body = new URLSearchParams();
  const pairs = Symbol.iterator in fields ? fields : Object.entries(fields);
  for (const [name, value] of pairs) if (value !== undefined) body.append(name, value);
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: body.toString(),
  };
}
