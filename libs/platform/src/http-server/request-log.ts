import type { FastifyInstance } from 'fastify';
import type { EventLogger } from '../logger/event-logger.js';
import type { HistogramMetric, Metrics } from '../metrics/metrics.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const OUTCOMES = ['2xx', '3xx', '4xx', '5xx'] as const;
const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * One line and one observation a request: the pattern of the route, not the URL, so that no id, code or state of a
 * query string is written down. Failures of ours are warnings, everything else is detail.
 */
export function observeRequests(instance: FastifyInstance, logger: EventLogger, metrics: Metrics | undefined): void {
  const routes: string[] = ['unmatched'];
  instance.addHook('onRoute', ({ url }) => {
    if (!routes.includes(url)) routes.push(url);
  });
  const durations: HistogramMetric<Record<'method' | 'route' | 'outcome', readonly string[]>> | undefined =
    metrics?.histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its answer.',
      labels: { method: METHODS, route: routes, outcome: OUTCOMES },
      buckets: BUCKETS,
    });
  instance.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
    const status = reply.statusCode;
    durations?.observe(
      { method: request.method, route, outcome: `${Math.floor(status / 100)}xx` },
      reply.elapsedTime / 1000,
    );
    const fields = {
      requestId: request.id,
      method: request.method,
      route,
      status,
      milliseconds: Math.round(reply.elapsedTime),
    };
    if (status >= 500) logger.warning('request.failed', fields);
    else logger.detail('request', fields);
    done();
  });
}
