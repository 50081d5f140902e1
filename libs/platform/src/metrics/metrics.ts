/**
 * Numbers for Prometheus. Every label has a closed set of values, declared with the metric: a text from outside can
 * never become a label and so never fill the memory of us and of Prometheus.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type LabelSets = Readonly<Record<string, readonly string[]>>;
export type Labels<L extends LabelSets> = { readonly [Name in keyof L]: L[Name][number] };

export interface CounterMetric<L extends LabelSets> {
  increment(labels: Labels<L>, by?: number): void;
}
export interface GaugeMetric<L extends LabelSets> {
  set(labels: Labels<L>, value: number): void;
}
export interface HistogramMetric<L extends LabelSets> {
  observe(labels: Labels<L>, value: number): void;
}

interface Description<L extends LabelSets> {
  readonly name: string;
  readonly help: string;
  readonly labels: L;
}

export class Metrics {
  readonly #registry = new Registry();

  /** `processMetrics`: memory, event loop and garbage collection besides. */
  constructor(options: { readonly processMetrics?: boolean } = {}) {
    if (options.processMetrics ?? false) collectDefaultMetrics({ register: this.#registry });
  }

  counter<const L extends LabelSets>({ name, help, labels }: Description<L>): CounterMetric<L> {
    const known = closed(labels);
    const counter = new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
    return {
      increment: (given, by = 1) => {
        counter.inc(known(given), by);
      },
    };
  }

  gauge<const L extends LabelSets>({ name, help, labels }: Description<L>): GaugeMetric<L> {
    const known = closed(labels);
    const gauge = new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
    return {
      set: (given, value) => {
        gauge.set(known(given), value);
      },
    };
  }

  histogram<const L extends LabelSets>({
    name,
    help,
    labels,
    buckets,
  }: Description<L> & { readonly buckets: readonly number[] }): HistogramMetric<L> {
    const known = closed(labels);
    const histogram = new Histogram({
      name,
      help,
      labelNames: Object.keys(labels),
      buckets: [...buckets],
      registers: [this.#registry],
    });
    return {
      observe: (given, value) => {
        histogram.observe(known(given), value);
      },
    };
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return this.#registry.metrics();
  }
}

/** A value that was not declared is counted as `other`, whatever the types promised. The sets may still grow. */
function closed(sets: LabelSets): (given: Readonly<Record<string, string>>) => Record<string, string> {
  const all = Object.entries(sets);
  return (given) => {
    const labels: Record<string, string> = {};
    for (const [name, values] of all) {
      const value = given[name];
      labels[name] = value !== undefined && values.includes(value) ? value : 'other';
    }
    return labels;
  };
}
