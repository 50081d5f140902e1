/**
 * Log lines are events with fields: one JSON object a line. Ids may stand in them; tokens, claims, names and query
 * strings may not. It is also the logger Nest writes to.
 */
import { isError } from '../errors/is-error.js';
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger as Pino, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from '../configuration/schemas.js';
import { REDACTED_PATHS, loggedError, redactText } from './redaction.js';

export type LogField = string | number | boolean | readonly string[] | undefined;
export type LogFields = Readonly<Record<string, LogField>>;

export interface EventLoggerOptions {
  readonly app: string;
  readonly level: LogLevel;
  /** Standard output when absent. */
  readonly destination?: DestinationStream;
}

export class EventLogger implements LoggerService {
  readonly #pino: Pino;

  constructor({ app, level, destination }: EventLoggerOptions) {
    const options = {
      level,
      base: { app },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
      redact: { paths: [...REDACTED_PATHS], censor: '[redacted]' },
      hooks: { streamWrite: redactText },
    };
    this.#pino = destination ? pino(options, destination) : pino(options);
  }

  /** Something happened that an operator wants to see. */
  event(name: string, fields: LogFields = {}): void {
    this.#pino.info({ event: name, ...fields });
  }

  /** Something happened that is of interest when looking for a cause. */
  detail(name: string, fields: LogFields = {}): void {
    this.#pino.debug({ event: name, ...fields });
  }

  /** The process goes on, but somebody should look. */
  warning(name: string, fields: LogFields = {}, error?: unknown): void {
    this.#pino.warn({ event: name, ...fields, ...(error === undefined ? {} : { error: loggedError(error) }) });
  }

  /** Our own fault, with the original error. */
  failure(name: string, error: unknown, fields: LogFields = {}): void {
    this.#pino.error({ event: name, ...fields, error: loggedError(error) });
  }

  // What Nest calls. Its chatter at the start is of no use to an operator.
  log(message: unknown, ...rest: unknown[]): void {
    this.#pino.debug({ event: 'framework', ...frameworkFields(message, rest) });
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.log(message, ...rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.log(message, ...rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#pino.warn({ event: 'framework', ...frameworkFields(message, rest) });
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#pino.error({ event: 'framework', ...frameworkFields(message, rest) });
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#pino.fatal({ event: 'framework', ...frameworkFields(message, rest) });
  }
}

function frameworkFields(message: unknown, rest: readonly unknown[]): Record<string, unknown> {
  const texts = rest.filter((part) => typeof part === 'string');
  const context = texts.at(-1);
  const stack = texts.length > 1 ? texts[0] : undefined;
  const error = isError(message) ? message : rest.find(isError);
  return {
    ...(context === undefined ? {} : { context }),
    ...(typeof message === 'string' ? { message } : {}),
    ...(error === undefined ? {} : { error: loggedError(error) }),
    ...(stack === undefined || error !== undefined ? {} : { stack }),
  };
}
