/**
 * What can be wrong with a request before any of our routes sees it. An app says how each is answered, in the error
 * format of its channel; the texts of Fastify and Node, which quote the input, never go out.
 */
import { isError } from '../errors/is-error.js';

const STATUS = {
  malformed: 400,
  not_found: 404,
  timeout: 408,
  too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  not_encrypted: 421,
  headers_too_large: 431,
} as const;

export type RequestProblemKind = keyof typeof STATUS;
export const REQUEST_PROBLEMS = Object.keys(STATUS) as readonly RequestProblemKind[];

export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly kind: RequestProblemKind;
  readonly statusCode: number;

  constructor(kind: RequestProblemKind, cause?: unknown) {
    super(kind, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.statusCode = STATUS[kind];
  }
}

/** The request as far as it could be read. Absent for one whose first lines were unreadable. */
export interface ProblematicRequest {
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  readonly accept: string | undefined;
}

export interface ProblemAnswer {
  readonly status: number;
  /** A list is one line each. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

export type AnswerProblem = (problem: RequestProblem, request: ProblematicRequest | undefined) => ProblemAnswer;

/** The problem behind an error of Fastify or Node; undefined when the fault is ours. */
export function requestProblem(error: unknown): RequestProblem | undefined {
  if (error instanceof RequestProblem) return error;
  if (!isError(error)) return undefined;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestProblem('timeout', error);
  if (code === 'HPE_HEADER_OVERFLOW') return new RequestProblem('headers_too_large', error);
  if (typeof code === 'string' && code.startsWith('HPE_')) return new RequestProblem('malformed', error);
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return undefined;
  const kind = REQUEST_PROBLEMS.find((known) => STATUS[known] === statusCode);
  return new RequestProblem(kind ?? 'malformed', error);
}
