import type { ProblemAnswer } from '@gatehouse/platform';
import { OAuthError } from '@gatehouse/protocol';
import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FailureLimit } from '../rate-limits/failure-limit.js';
import { type Refusal, refusalOf } from './refusal.js';
import { RefusalRecord } from './refusal-record.js';
import { RefusalResponder } from './refusal-responder.js';

/**
 * The one place where something a route threw becomes HTTP: classified, recorded, counted against guessing, and answered
 * in the channel of the route.
 */
@Catch()
@Injectable()
export class RefusalFilter implements ExceptionFilter {
  constructor(
    private readonly record: RefusalRecord,
    private readonly failures: FailureLimit,
    private readonly responder: RefusalResponder,
  ) {}

  async catch(exception: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { endpoint } = request.routeOptions.config;
    const cause = refusalOf(exception);
    this.record.refused(endpoint, cause, request.id);
    const beyondLimit =
      endpoint !== undefined && exception instanceof OAuthError
        ? await this.#count(endpoint, request, exception)
        : undefined;
    if (reply.sent) return;
    const refusal = beyondLimit ? refusalOf(beyondLimit) : cause;
    const { status, headers, body } = await this.answer(refusal, request);
    void reply.code(status).headers(headers).send(body);
  }

  /** For a route with an answer of its own to some refusals. */
  protected answer(refusal: Refusal, request: FastifyRequest): ProblemAnswer | Promise<ProblemAnswer> {
    return this.responder.answer(refusal, {
      channel: request.routeOptions.config.channel ?? 'json',
      requestId: request.id,
      triedAuthorization: request.headers.authorization !== undefined,
      triedProofs: /^dpop /i.test(request.headers.authorization ?? ''),
      protectedBy: request.routeOptions.config.protectedBy,
    });
  }

  /** A lost store must not turn a refusal into something else. */
  async #count(endpoint: string, request: FastifyRequest, error: OAuthError): Promise<OAuthError | undefined> {
    try {
      return await this.failures.refused(endpoint, request, error);
    } catch (cause) {
      this.record.failed('failure_limit', cause, request.id);
      return undefined;
    }
  }
}
