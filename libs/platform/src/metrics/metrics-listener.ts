import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Health } from '../health/health.js';
import type { EventLogger } from '../logger/event-logger.js';
import { followCertificates } from '../transport/certificate-renewal.js';
import type { TlsFiles } from '../transport/transport.js';
import type { Metrics } from './metrics.js';

export interface MetricsListener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Metrics and readiness on a port of their own, which the operator does not publish: what they tell about load and
 * refusals is of no concern to clients. Where the app has a certificate, over TLS like the rest.
 */
export async function listenForMetrics(options: {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly logger: EventLogger;
  readonly tls?: TlsFiles | undefined;
}): Promise<MetricsListener> {
  const { host, port, metrics, health, logger, tls } = options;
  const limits = { maxHeaderSize: 8192, requestTimeout: 10_000 };
  const serve: RequestListener = (request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET') answer(405, 'text/plain', 'GET only\n');
    else if (path === '/metrics')
      metrics.text().then(
        (text) => {
          answer(200, metrics.contentType, text);
        },
        () => {
          answer(500, 'text/plain', 'failed\n');
        },
      );
    else if (path === '/health/ready')
      void health.report().then((report) => {
        answer(report.ready ? 200 : 503, 'application/json', JSON.stringify(report));
      });
    else answer(404, 'text/plain', 'not found\n');
  };
  const secure = tls && createTlsServer({ ...limits, cert: tls.cert, key: tls.key, minVersion: tls.minVersion }, serve);
  const stopFollowing = secure && followCertificates(secure, tls, logger);
  const server = secure ?? createServer(limits, serve);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        stopFollowing?.();
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
