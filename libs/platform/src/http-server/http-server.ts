/**
 * The one way our apps serve HTTP: limits on everything a stranger can send, headers that forbid what no answer needs,
 * proxies believed only when declared, a log without query strings and bodies, and an end that drops no request.
 */
import { randomBytes } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { EventLogger } from '../logger/event-logger.js';
import type { Metrics } from '../metrics/metrics.js';
import { followCertificates } from '../transport/certificate-renewal.js';
import { networkKey } from '../network/network.js';
import { workFor } from '../network/requester.js';
import type { TlsFiles } from '../transport/transport.js';
import { readBodies } from './body.js';
import { answerDeclaredPeersOnly } from './declared-peers.js';
import { RefusingFastifyAdapter, answerWith } from './http-adapter.js';
import { observeRequests } from './request-log.js';
import { type AnswerProblem, RequestProblem, requestProblem } from './request-problem.js';
import { baseHeaders } from './security-headers.js';

export interface HttpServerOptions {
  readonly logger: EventLogger;
  /** How clients reach this process. https turns HSTS on. */
  readonly publicUrl: string;
  /** How a request is answered that no route ever sees. */
  readonly answerProblem: AnswerProblem;
  readonly tls?: TlsFiles | undefined;
  /** Addresses and ranges whose X-Forwarded-For is believed; nobody's by default. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Bytes. */
  readonly bodyLimit?: number;
  readonly metrics?: Metrics;
}

export interface HttpServer {
  readonly app: NestFastifyApplication;
  /** Logs `listening`. @returns the port, also when 0 was asked for */
  listen(at: { readonly host: string; readonly port: number }): Promise<number>;
  /** Stops accepting, waits for the requests under way, then closes the app: stores outlive the last request. */
  close(): Promise<void>;
}

const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

export async function createHttpServer(module: Type | DynamicModule, options: HttpServerOptions): Promise<HttpServer> {
  const instance = createInstance(options);
  const sockets = openSockets(instance);
  const app = await NestFactory.create<NestFastifyApplication>(
    module,
    new RefusingFastifyAdapter(instance, options.answerProblem),
    { logger: options.logger, bodyParser: false, abortOnError: false, bufferLogs: false },
  );
  let stopFollowing: (() => void) | undefined;
  return {
    app,
    async listen({ host, port }) {
      await app.listen(port, host);
      if (options.tls)
        stopFollowing = followCertificates(instance.server as unknown as TlsServer, options.tls, options.logger);
      const address = instance.server.address() as AddressInfo;
      options.logger.event('listening', { host, port: address.port, url: options.publicUrl });
      return address.port;
    },
    async close() {
      stopFollowing?.();
      await drain(instance, sockets);
      await app.close();
    },
  };
}

function createInstance(options: HttpServerOptions): FastifyInstance {
  const { answerProblem, tls, trustedProxies = [] } = options;
  const prefix = randomBytes(6).toString('base64url');
  let requests = 0;
  const headers = Object.entries(baseHeaders(options.publicUrl));
  // On the raw response, so that routes which take it over have them too.
  const setBaseHeaders = (reply: FastifyReply): void => {
    for (const [name, value] of headers) reply.raw.setHeader(name, value);
  };
  const limits = { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: 10_000 };
  const settings = {
    ...(tls ? { https: { ...limits, ...tls } } : { http: limits }),
    logger: false,
    bodyLimit: options.bodyLimit ?? 64 * 1024,
    // Ids of clients may be URLs, percent-encoded in a path.
    routerOptions: { maxParamLength: 4000 },
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle' as const,
    // Requests that arrive on an open connection while we drain are still served.
    return503OnClosing: false,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    // Ours, never the client's: its text would end up in the log.
    genReqId: () => `${prefix}-${(requests++).toString(36)}`,
    clientErrorHandler: (error: Error, socket: Socket) => {
      answerSocket(answerProblem, error, socket);
    },
    // A path that cannot be decoded or routed; no hook has run yet.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      setBaseHeaders(reply);
      answerWith(answerProblem, requestProblem(error) ?? new RequestProblem('malformed', error), request, reply);
    },
  };
  const instance = fastify(settings as never) as unknown as FastifyInstance;

  instance.addHook('onRequest', (_request, reply, done) => {
    setBaseHeaders(reply);
    done();
  });
  if (!tls && options.publicUrl.startsWith('https:')) answerDeclaredPeersOnly(instance, trustedProxies, answerProblem);
  // After the body was read: until then the events are those of a socket, which belongs to several requests.
  instance.addHook('preHandler', (request, _reply, done) => {
    workFor(() => networkKey(request.ip), done);
  });
  readBodies(instance);
  observeRequests(instance, options.logger, options.metrics);
  return instance;
}

/** A request whose bytes Node could not read as HTTP: there is no reply object, only the socket. */
function answerSocket(answer: AnswerProblem, error: Error, socket: Socket): void {
  if ((error as { code?: unknown }).code === 'ECONNRESET' || socket.destroyed) return;
  const { status, headers, body } = answer(requestProblem(error) ?? new RequestProblem('malformed', error), undefined);
  if (socket.writable) {
    const lines = Object.entries({
      ...headers,
      'content-length': String(Buffer.byteLength(body)),
      'x-content-type-options': 'nosniff',
      connection: 'close',
    }).flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`));
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy();
}

function openSockets({ server }: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function drain(instance: FastifyInstance, sockets: ReadonlySet<Socket>): Promise<void> {
  const { server } = instance;
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  // A kept-alive connection becomes idle when its request is answered: close it then, not before.
  const closeUnused = (): void => {
    server.closeIdleConnections();
    // Clients open connections in advance. Node takes one that never sent a byte for busy until its headers are late.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
  const timer = setInterval(closeUnused, 50);
  closeUnused();
  await closed;
  clearInterval(timer);
}
