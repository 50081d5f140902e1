import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Node joins repeated header lines, or keeps the first and drops the others without a word. These are all, as they came. */
export function headerLines({ raw }: Pick<FastifyRequest, 'raw'>, name: string): readonly string[] {
  const lines: string[] = [];
  for (let index = 0; index < raw.rawHeaders.length; index += 2) {
    const given = raw.rawHeaders[index] ?? '';
    if (given.length === name.length && given.toLowerCase() === name) lines.push(raw.rawHeaders[index + 1] ?? '');
  }
  return lines;
}

/** The DPoP headers of a request; mostly none. */
export const Proofs = createParamDecorator((_: unknown, context: ExecutionContext): readonly string[] =>
  headerLines(context.switchToHttp().getRequest<FastifyRequest>(), 'dpop'),
);
