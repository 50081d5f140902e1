/**
 * What can be asked of a worker. A job has a queue of its own, so that a long one keeps no other waiting.
 * Every job may run twice, or die half-way and run again: queues promise "at least once", never "once".
 */
export interface JobData {
  'rotate-signing-keys': { readonly early?: boolean };
  'clean-up-expired': Readonly<Record<string, never>>;
  'deliver-logouts': Readonly<Record<string, never>>;
}

export type JobName = keyof JobData;

export const JOB_NAMES = [
  'rotate-signing-keys',
  'clean-up-expired',
  'deliver-logouts',
] as const satisfies readonly JobName[];

/** A job that comes back, whatever the number of workers: each period has one run. */
export interface Schedule {
  readonly job: JobName;
  readonly everyMs: number;
}
