/**
 * What must never stand in a log, whoever wrote the line: also an error message of a driver or parser that quotes its
 * input. Names of fields are redacted as such; texts that look like a secret are cut out of the finished line.
 */
import { isError } from '../errors/is-error.js';

const NAMES = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'token',
  'access_token',
  'refresh_token',
  'client_secret',
  'code_verifier',
  'assertion',
  'csrf',
  'query',
  'body',
] as const;

/** Paths for pino: the names at the top and one level down; fields are flat. */
export const REDACTED_PATHS: readonly string[] = NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`]);

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Our own secrets carry a prefix by which they are found.
  [/\bgh[a-z]_[A-Za-z0-9_-]{12,}/g, '[redacted]'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{1,}\.[A-Za-z0-9_-]*/g, '[redacted]'],
  [/\b(bearer|basic|dpop) [A-Za-z0-9+/._~=-]{16,}/gi, '$1 [redacted]'],
  [/\$argon2[a-z0-9]{0,3}\$[^\s"]+/g, '[redacted]'],
  // user:password@ of a connection URL
  [/(:\/\/[^\s:@/"]{0,128}):[^\s@"/]{1,512}@/g, '$1:[redacted]@'],
  [
    /\b(code|code_verifier|client_secret|refresh_token|access_token|id_token|token|password|assertion|csrf|state)=[^\s&"'<>]+/g,
    '$1=[redacted]',
  ],
  [/\?[^\s"'<>?=]{1,64}=[^\s"'<>]*/g, '?[redacted]'],
];

export function redactText(text: string): string {
  return PATTERNS.reduce((line, [pattern, replacement]) => line.replace(pattern, replacement), text);
}

export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly reason?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** Only these members: drivers hang statements, parameters and rows on their errors. */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!isError(error)) return { type: typeof error, message: typeof error === 'string' ? error : '' };
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= 3 ? {} : { cause: loggedError(error.cause, depth + 1) }),
  };
}
