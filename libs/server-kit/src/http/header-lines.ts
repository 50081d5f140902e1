import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Node joins repeated header lines, or keeps the first and drops the others without a word. These are all, as they came. */
export function headerLines({ raw }: Pick<FastifyRequest, 'raw'>, name: string): readonly string[] {
  return raw.rawHeaders.filter((_, index) => index % 2 === 1 && raw.rawHeaders[index - 1]?.toLowerCase() === name);
}

/** The DPoP headers of a request; mostly none. */
export const Proofs = createParamDecorator((_: unknown, context: ExecutionContext): readonly string[] =>
  headerLines(context.switchToHttp().getRequest<FastifyRequest>(), 'dpop'),
);
