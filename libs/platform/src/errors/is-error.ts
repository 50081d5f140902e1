import { isNativeError } from 'node:util/types';

/** Errors of another realm fail `instanceof`, and Fastify's, which are made without `class`, fail `isNativeError`. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value);
}
