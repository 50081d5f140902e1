/** Errors of another realm fail `instanceof`, and Fastify's, which are made without `class`, have no tag of their own. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}
