export { JobProcessor } from './job-processor.js';
export { JobQueues } from './job-queues.js';
export { type JobOutcome, JobTelemetry } from './job-telemetry.js';
export { JOB_NAMES, type JobData, type JobName, type Schedule } from './jobs.js';
export { JobsModule, type JobsOptions } from './jobs.module.js';
export { QUEUE_URL_SCHEMES, type QueueTechnology, queueOptions, queueTechnology } from './queue-connection.js';
export { migrateQueue } from './queue-migration.js';
export { type ScheduleChanges, ensureSchedules } from './schedules.js';
