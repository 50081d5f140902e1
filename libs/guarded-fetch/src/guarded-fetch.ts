/**
 * The one way to fetch a URL that a client or tenant gave us. https only; each name is resolved once, every address it
 * has must be public, and the connection goes to one of exactly those, its certificate checked against the name: so no
 * second answer of a name server has a say. Redirects are answers, not instructions. Size, time and the number of fetches
 * are bounded. What the answer means is the caller's business.
 * @see docs/decisions/0013-clients-by-url.md
 * @spec draft-ietf-oauth-client-id-metadata-document §4, §6.6
 */
import { requestingNetwork } from '@gatehouse/platform';
import type { Clock } from '@gatehouse/protocol';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { DEFAULT_FETCH_BUDGET, FetchBudget, type FetchBudgetLimits } from './fetch-budget.js';
import { fetchTarget, type FetchTarget, isLoopback } from './fetch-url.js';
import { lookUp, type NameLookup } from './name-lookup.js';
import { isInternalAddress, isPublicAddress } from './special-addresses.js';

export interface GuardedRequest {
  /** Value of the Accept header. */
  readonly accept: string;
  /** Bytes; a body that is longer is a failure, not cut off. */
  readonly maxBytes?: number;
  readonly ifNoneMatch?: string;
  /** Sent with POST, as the fields of a form. Absent, and no body: GET. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent with POST as it is; its type stands in the headers. */
  readonly body?: string;
  /** Besides those that this fetch sets itself. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer of whatever status, redirects included. */
export interface GuardedAnswer {
  readonly kind: 'answer';
  readonly status: number;
  /** In lower case; a repeated one as Node joins it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export const FETCH_PROBLEMS = [
  'forbidden_url',
  'forbidden_address',
  'unresolvable',
  'unreachable',
  'untrusted_certificate',
  'too_slow',
  'oversized',
  'malformed_answer',
  /** No place in the budget now. */
  'busy',
  /** It failed a moment ago and is left alone. */
  'paused',
] as const;

export type FetchProblem = (typeof FETCH_PROBLEMS)[number];

export interface GuardedFailure {
  readonly kind: 'failure';
  readonly problem: FetchProblem;
  /** For the log. */
  readonly cause?: unknown;
}

export interface GuardedFetchOptions {
  readonly clock: Clock;
  /**
   * Development only: https and http targets on this machine are fetched, whatever certificate they have. Honoured only
   * when the issuer given here is itself on loopback; anywhere else the switch does nothing.
   */
  readonly loopbackFor?: string;
  /** Only for addresses that the operator declared: names and addresses of the company's own network are fetched too. */
  readonly internal?: boolean;
  readonly budget?: Partial<FetchBudgetLimits>;
  /** Milliseconds to connect to one address, TLS included. */
  readonly connectTimeout?: number;
  /** Milliseconds for everything, from the lookup to the last byte: a body that drips ends there too. */
  readonly timeout?: number;
  readonly lookUp?: NameLookup;
  /** Network that causes what is fetched now. */
  readonly requester?: () => string | undefined;
  /** Opens the connection to an address that was found public. */
  readonly dial?: (address: string, port: number) => Socket;
  /** Certification authorities besides the well-known ones: none but these are believed then. */
  readonly ca?: string | readonly string[];
}

const DEFAULT_MAX_BYTES = 5 * 1024;
/** Of the addresses of a name so many are tried. */
const ADDRESSES = 3;

class Failed extends Error {
  constructor(
    readonly problem: FetchProblem,
    cause?: unknown,
  ) {
    super(problem, { cause });
  }
}

export class GuardedFetch {
  readonly #budget: FetchBudget;
  readonly #loopbackAllowed: boolean;
  readonly #internal: boolean;
  readonly #connectTimeout: number;
  readonly #timeout: number;
  readonly #lookUp: NameLookup;
  readonly #dial: (address: string, port: number) => Socket;
  readonly #ca: string[] | undefined;
  readonly #requester: () => string | undefined;

  constructor(options: GuardedFetchOptions) {
    this.#budget = new FetchBudget({ ...DEFAULT_FETCH_BUDGET, ...options.budget }, options.clock);
    this.#loopbackAllowed = options.loopbackFor !== undefined && isOnLoopback(options.loopbackFor);
    this.#internal = options.internal ?? false;
    this.#connectTimeout = options.connectTimeout ?? 2_000;
    this.#timeout = options.timeout ?? 5_000;
    this.#lookUp = options.lookUp ?? lookUp;
    this.#dial = options.dial ?? ((host, port) => connect({ host, port }));
    this.#requester = options.requester ?? requestingNetwork;
    this.#ca = options.ca === undefined ? undefined : [options.ca].flat();
  }

  /** Never throws: what went wrong is in the answer, and nothing of it is remembered but that it went wrong. */
  get(url: string, request: Omit<GuardedRequest, 'form'>): Promise<GuardedAnswer | GuardedFailure> {
    return this.#send(url, request);
  }

  /** By the same rules: what is sent goes to the same addresses only, and to no other one by redirect. Never throws. */
  post(
    url: string,
    form: Readonly<Record<string, string>>,
    request: GuardedRequest,
  ): Promise<GuardedAnswer | GuardedFailure> {
    return this.#send(url, { ...request, form });
  }

  /** By the same rules, with headers and a body of the caller's. Never throws. */
  request(url: string, request: GuardedRequest): Promise<GuardedAnswer | GuardedFailure> {
    return this.#send(url, request);
  }

  async #send(url: string, request: GuardedRequest): Promise<GuardedAnswer | GuardedFailure> {
    const target = fetchTarget(url, this.#loopbackAllowed, this.#internal);
    if (typeof target === 'string') return { kind: 'failure', problem: target };
    const { origin } = target.url;
    if (this.#budget.isPaused(origin, url)) return { kind: 'failure', problem: 'paused' };
    const leave = this.#budget.enter(target.host, this.#requester());
    if (!leave) return { kind: 'failure', problem: 'busy' };
    try {
      const answer = await this.#fetch(target, request);
      this.#budget.succeeded(origin, url);
      return answer;
    } catch (error) {
      const failure = error instanceof Failed ? error : new Failed('malformed_answer', error);
      // A slow or strange path says nothing of its neighbours: else whoever names one could shut the others out.
      const whole = ['unresolvable', 'forbidden_address', 'unreachable', 'untrusted_certificate'];
      this.#budget.failed(whole.includes(failure.problem) ? origin : url);
      return { kind: 'failure', problem: failure.problem, cause: failure.cause };
    } finally {
      leave();
    }
  }

  async #fetch(target: FetchTarget, request: GuardedRequest): Promise<GuardedAnswer> {
    const end = new AbortController();
    const timer = setTimeout(() => {
      end.abort(new Failed('too_slow'));
    }, this.#timeout);
    try {
      const addresses = await within(end.signal, this.#addresses(target));
      const socket = await this.#connect(target, addresses, end.signal);
      try {
        return await within(end.signal, exchange(target, socket, request));
      } finally {
        socket.destroy();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** All of them must be open: a name with one foot inside is a trick, or will be one at the next lookup. */
  async #addresses({ host, loopback }: FetchTarget): Promise<readonly string[]> {
    if (loopback) return host === 'localhost' ? ['127.0.0.1', '::1'] : [host];
    if (isIP(host) !== 0) return [host];
    const addresses = await this.#lookUp(host).catch((error: unknown) => {
      throw new Failed('unresolvable', error);
    });
    if (addresses.length === 0) throw new Failed('unresolvable');
    if (!addresses.every(this.#internal ? isInternalAddress : isPublicAddress)) throw new Failed('forbidden_address');
    return addresses;
  }

  async #connect(target: FetchTarget, addresses: readonly string[], end: AbortSignal): Promise<Socket> {
    let last: unknown;
    for (const address of addresses.slice(0, ADDRESSES)) {
      try {
        return await this.#connectTo(address, target, end);
      } catch (error) {
        if (end.aborted) throw end.reason;
        last = error;
      }
    }
    throw last instanceof Failed ? last : new Failed('unreachable', last);
  }

  async #connectTo(address: string, target: FetchTarget, end: AbortSignal): Promise<Socket> {
    const plain = this.#dial(address, target.port);
    const limit = AbortSignal.any([end, AbortSignal.timeout(this.#connectTimeout)]);
    const abandon = (): void => void plain.destroy();
    limit.addEventListener('abort', abandon, { once: true });
    try {
      await opened(plain, 'connect');
      if (!target.secure) return plain;
      const secure = connectTls({
        socket: plain,
        // The name of the URL, not the address: what the certificate has to be for.
        host: target.host,
        ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
        ALPNProtocols: ['http/1.1'],
        minVersion: 'TLSv1.2',
        ...(this.#ca === undefined ? {} : { ca: this.#ca }),
        rejectUnauthorized: !target.loopback,
      });
      await opened(secure, 'secureConnect');
      return secure;
    } catch (error) {
      plain.destroy();
      throw error;
    } finally {
      limit.removeEventListener('abort', abandon);
    }
  }
}

function opened(socket: Socket | TLSSocket, event: 'connect' | 'secureConnect'): Promise<void> {
  // Errors come in twos and late; one without a listener would end the process.
  socket.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    socket.once(event, () => {
      resolve();
    });
    socket.once('error', (error) => {
      reject(new Failed(event === 'connect' ? 'unreachable' : 'untrusted_certificate', error));
    });
    socket.once('close', () => {
      reject(new Failed('unreachable'));
    });
  });
}

function exchange(target: FetchTarget, socket: Socket, request: GuardedRequest): Promise<GuardedAnswer> {
  const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
  const body = request.body ?? (request.form && new URLSearchParams(request.form).toString());
  return new Promise((resolve, reject) => {
    const fail = (problem: FetchProblem, cause?: unknown): void => {
      reject(new Failed(problem, cause));
      socket.destroy();
    };
    const options = {
      host: target.host,
      port: target.port,
      path: target.url.pathname + target.url.search,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(request.form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...request.headers,
        host: target.url.host,
        accept: request.accept,
        // A small body that unpacks to a large one would pass the bound.
        'accept-encoding': 'identity',
        'user-agent': 'Gatehouse',
        connection: 'close',
        ...(request.ifNoneMatch === undefined ? {} : { 'if-none-match': request.ifNoneMatch }),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
      maxHeaderSize: 16 * 1024,
      createConnection: () => socket,
    };
    const sent = (target.secure ? requestSecure : requestPlain)(options, (answer) => {
      const encoding = answer.headers['content-encoding'] ?? 'identity';
      if (encoding !== 'identity') {
        fail('malformed_answer');
        return;
      }
      if (Number(answer.headers['content-length'] ?? 0) > maxBytes) {
        fail('oversized');
        return;
      }
      const parts: Buffer[] = [];
      let size = 0;
      answer.on('data', (part: Buffer) => {
        size += part.length;
        if (size > maxBytes) fail('oversized');
        else parts.push(part);
      });
      answer.on('error', (error) => {
        fail('malformed_answer', error);
      });
      answer.on('end', () => {
        if (answer.complete) resolve(toAnswer(answer, Buffer.concat(parts)));
        else fail('malformed_answer');
      });
    });
    sent.on('error', (error) => {
      fail('malformed_answer', error);
    });
    sent.end(body);
  });
}

function toAnswer(answer: IncomingMessage, body: Buffer): GuardedAnswer {
  const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return { kind: 'answer', status: answer.statusCode ?? 0, headers: Object.fromEntries(headers), body };
}

/** Rejects when `end` aborts, whatever `work` does then. */
function within<T>(end: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      reject(end.reason as Error);
    };
    if (end.aborted) over();
    end.addEventListener('abort', over, { once: true });
    work.then(resolve, reject).finally(() => {
      end.removeEventListener('abort', over);
    });
  });
}

function isOnLoopback(issuer: string): boolean {
  return URL.canParse(issuer) && isLoopback(new URL(issuer).hostname.replace(/^\[(.*)\]$/, '$1'));
}
