import type { CounterMetric, EventLogger, GaugeMetric, HistogramMetric, Metrics } from '@gatehouse/platform';
import { JOB_NAMES, type JobName } from './jobs.js';

/**
 * What a run did, for the log: counts and ids, nothing secret and nothing unbounded. With `idle: true` it found nothing
 * to do: such a run of a job that comes every few seconds is told by the metrics alone.
 */
export type JobOutcome = Readonly<Record<string, string | number | boolean | readonly string[]>>;

const OUTCOMES = ['succeeded', 'failed'] as const;
interface JobLabel extends Readonly<Record<string, readonly string[]>> {
  readonly job: typeof JOB_NAMES;
}
interface RunLabels extends JobLabel {
  readonly outcome: typeof OUTCOMES;
}

/** Says of each run what it did and how long it took, in log and metric. The audit is the job's own affair. */
export class JobTelemetry {
  readonly #logger: EventLogger;
  readonly #runs: CounterMetric<RunLabels>;
  readonly #duration: HistogramMetric<JobLabel>;
  readonly #lastSuccess: GaugeMetric<JobLabel>;

  constructor(logger: EventLogger, metrics: Metrics) {
    this.#logger = logger;
    this.#runs = metrics.counter({
      name: 'gatehouse_job_runs_total',
      help: 'Runs of a background job that ended, by outcome.',
      labels: { job: JOB_NAMES, outcome: OUTCOMES },
    });
    this.#duration = metrics.histogram({
      name: 'gatehouse_job_duration_seconds',
      help: 'How long a run of a background job took.',
      labels: { job: JOB_NAMES },
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300],
    });
    this.#lastSuccess = metrics.gauge({
      name: 'gatehouse_job_last_success_timestamp_seconds',
      help: 'When a background job last succeeded in this process; alert when it grows old on every worker.',
      labels: { job: JOB_NAMES },
    });
  }

  succeeded(job: JobName, seconds: number, outcome: JobOutcome): void {
    this.#runs.increment({ job, outcome: 'succeeded' });
    this.#duration.observe({ job }, seconds);
    this.#lastSuccess.set({ job }, Math.floor(Date.now() / 1000));
    if (outcome['idle'] === true) return;
    this.#logger.event('job.finished', { job, seconds: round(seconds), ...outcome });
  }

  failed(job: JobName, seconds: number, error: unknown, attempt: number): void {
    this.#runs.increment({ job, outcome: 'failed' });
    this.#duration.observe({ job }, seconds);
    this.#logger.failure('job.failed', error, { job, seconds: round(seconds), attempt });
  }

  /** The queue's connection, not a job: BullMQ goes on by itself. */
  queueTrouble(job: JobName, error: unknown): void {
    this.#logger.warning('queue.trouble', { job }, error);
  }

  schedulesChanged(written: readonly string[], removed: readonly string[]): void {
    this.#logger.event('schedules.ensured', { written, removed });
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
