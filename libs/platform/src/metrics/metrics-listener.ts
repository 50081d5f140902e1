import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from '../health/health.js';
import type { Metrics } from './metrics.js';

export interface MetricsListener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Metrics and readiness on a port of their own, which the operator does not publish: what they tell about load and
 * refusals is of no concern to clients.
 */
export async function listenForMetrics(options: {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly health: Health;
}): Promise<MetricsListener> {
  const { host, port, metrics, health } = options;
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 10_000 }, (request, response) => {
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
  });
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
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
