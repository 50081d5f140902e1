import { OAuthError } from '@gatehouse/protocol';
import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FailureLimit } from '../rate-limits/failure-limit.js';
import { ErrorPage } from './error-page.js';
import { sendJsonRefusal } from './json-refusal.js';
import { type Refusal, refusalOf } from './refusal.js';
import { RefusalRecord } from './refusal-record.js';
import { RouteTable } from './route-table.js';

/**
 * The one place where something thrown becomes HTTP: classified, recorded, counted against guessing, and answered in the
 * channel of the route. Requests that reached no route get a page if they ask for HTML, else JSON.
 */
@Catch()
@Injectable()
export class RefusalFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly record: RefusalRecord,
    private readonly failures: FailureLimit,
    private readonly page: ErrorPage,
  ) {}

  async catch(exception: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const refusal = refusalOf(exception, request, this.routes);
    const endpoint = request.routeOptions.config.endpoint ?? 'none';
    if (refusal.reason !== undefined) this.record.refused(endpoint, refusal, request.id);
    if (exception instanceof OAuthError) await this.#count(endpoint, request, exception);
    this.#answer(request, reply, refusal);
  }

  /** The answer does not depend on the counter: a lost store must not turn a refusal into something else. */
  async #count(endpoint: string, request: FastifyRequest, error: OAuthError): Promise<void> {
    try {
      await this.failures.refused(endpoint, request, error);
    } catch (cause) {
      this.record.failed('failure limit', cause, request.id);
    }
  }

  #answer(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): void {
    if (reply.sent) return;
    void reply.code(refusal.status);
    if (refusal.retryAfter !== undefined) void reply.header('retry-after', refusal.retryAfter);
    if (refusal.allow) void reply.header('allow', refusal.allow.join(', '));
    if (wantsPage(request)) this.page.send(reply, refusal, request.id);
    else sendJsonRefusal(request, reply, refusal);
  }
}

function wantsPage(request: FastifyRequest): boolean {
  const { channel } = request.routeOptions.config;
  if (channel !== undefined) return channel === 'page';
  return (request.headers.accept ?? '').includes('text/html');
}
