import { afterEach, describe, expect, it } from '@jest/globals';
import { selfSigned } from '@gatehouse/test-kit';
import { get } from 'node:https';
import { Health } from '../health/health.js';
import { EventLogger } from '../logger/event-logger.js';
import { type MetricsListener, listenForMetrics } from './metrics-listener.js';
import { Metrics } from './metrics.js';

describe('Metrics', () => {
  it('counts under the declared values', async () => {
    const metrics = new Metrics();
    const refusals = metrics.counter({ name: 'refusals_total', help: 'h', labels: { reason: ['expired', 'reused'] } });
    refusals.increment({ reason: 'expired' });
    refusals.increment({ reason: 'expired' }, 2);
    expect(await metrics.text()).toContain('refusals_total{reason="expired"} 3');
  });

  it('never makes a series of a text from outside', async () => {
    const metrics = new Metrics();
    const refusals = metrics.counter({ name: 'refusals_total', help: 'h', labels: { reason: ['expired'] } });
    for (let n = 0; n < 100; n++) refusals.increment({ reason: `evil-${n}` as 'expired' });
    refusals.increment({} as { reason: 'expired' });
    const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('refusals_total'));
    expect(lines).toEqual(['refusals_total{reason="other"} 101']);
  });

  it('measures levels and durations', async () => {
    const metrics = new Metrics();
    metrics.gauge({ name: 'waiting', help: 'h', labels: { queue: ['jobs'] } }).set({ queue: 'jobs' }, 3);
    metrics
      .histogram({ name: 'seconds', help: 'h', labels: { job: ['cleanup'] }, buckets: [1, 2] })
      .observe({ job: 'cleanup' }, 1.5);
    const text = await metrics.text();
    expect(text).toContain('waiting{queue="jobs"} 3');
    expect(text).toContain('seconds_bucket{le="2",job="cleanup"} 1');
  });

  it('tells of the process when asked to', async () => {
    expect(await new Metrics({ processMetrics: true }).text()).toContain('process_resident_memory_bytes');
  });
});

describe('listenForMetrics', () => {
  let listener: MetricsListener | undefined;
  const logger = new EventLogger({ app: 'test', level: 'error' });
  afterEach(async () => listener?.close());

  it('serves metrics and readiness on a port of its own, and nothing else', async () => {
    const metrics = new Metrics();
    metrics.counter({ name: 'things_total', help: 'h', labels: {} }).increment({});
    let up = true;
    const health = new Health({ reuse: 0 }).add('database', async () =>
      up ? undefined : Promise.reject(new Error('x')),
    );
    listener = await listenForMetrics({ host: '127.0.0.1', port: 0, metrics, health, logger });
    const get = async (path: string, method = 'GET'): Promise<Response> =>
      fetch(`http://127.0.0.1:${listener?.port ?? 0}${path}`, { method });

    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await response.text()).toContain('things_total 1');
    expect((await get('/health/ready')).status).toBe(200);
    up = false;
    const report = await get('/health/ready?x');
    expect(report.status).toBe(503);
    expect(await report.json()).toEqual({ ready: false, checks: { database: 'down' } });
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', 'POST')).status).toBe(405);
  });

  it('says when its port is taken', async () => {
    const parts = { host: '127.0.0.1', metrics: new Metrics(), health: new Health(), logger };
    listener = await listenForMetrics({ ...parts, port: 0 });
    await expect(listenForMetrics({ ...parts, port: listener.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('speaks TLS where the app has a certificate', async () => {
    const { cert, key } = selfSigned();
    const from = { tlsCertFile: '/nowhere/tls.pem', tlsKeyFile: '/nowhere/tls-key.pem' };
    const tls = { cert: Buffer.from(cert), key: Buffer.from(key), minVersion: 'TLSv1.2', from } as const;
    const parts = { host: '127.0.0.1', metrics: new Metrics(), health: new Health(), logger };
    listener = await listenForMetrics({ ...parts, port: 0, tls });
    const at = { host: '127.0.0.1', servername: 'localhost', port: listener.port, path: '/health/ready', agent: false };
    const status = await new Promise((resolve, reject) => {
      get({ ...at, ca: cert }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
    expect(status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${listener.port}/metrics`)).rejects.toThrow();
  });
});
