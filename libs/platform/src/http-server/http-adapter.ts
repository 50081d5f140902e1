import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RequestProblem, type AnswerProblem, requestProblem } from './request-problem.js';

/**
 * Nest's adapter, with one difference: what Fastify refuses before a route runs is answered by the app's own mapping,
 * not with Fastify's texts. What a route throws goes to Nest's exception filters as ever.
 */
export class RefusingFastifyAdapter extends FastifyAdapter {
  readonly #answer: AnswerProblem;

  constructor(instance: FastifyInstance, answer: AnswerProblem) {
    super(instance);
    this.#answer = answer;
  }

  override setErrorHandler(handler: Parameters<FastifyInstance['setErrorHandler']>[0]): FastifyInstance {
    const instance = this.getInstance<FastifyInstance>();
    const answer = this.#answer;
    return instance.setErrorHandler(function (error, request, reply) {
      const problem = requestProblem(error);
      if (!problem) return handler.call(this, error as never, request, reply) as unknown;
      answerWith(answer, problem, request, reply);
      return undefined;
    });
  }

  override setNotFoundHandler(): FastifyInstance {
    return this.getInstance<FastifyInstance>().setNotFoundHandler((request, reply) => {
      answerWith(this.#answer, new RequestProblem('not_found'), request, reply);
    });
  }
}

export function answerWith(
  answer: AnswerProblem,
  problem: RequestProblem,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { status, headers, body } = answer(problem, {
    method: request.method,
    path: request.url.split('?')[0] ?? '/',
    accept: request.headers.accept,
  });
  // A body that was not read to its end must not be taken for the next request.
  if (problem.kind === 'too_large' || problem.kind === 'unsupported_media_type')
    void reply.header('connection', 'close');
  void reply.code(status).headers(headers).send(body);
}
