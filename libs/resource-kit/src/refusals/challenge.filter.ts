import { OAuthError } from '@gatehouse/protocol';
import { withoutCredentials } from '@gatehouse/token-validation';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { resourceOf } from '../access/protected-route.js';
import { McpRefusal } from '../mcp/mcp-refusal.js';
import { AccessRecords } from '../records/access-records.js';
import { Challenges } from './challenges.js';

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** The one place where something thrown becomes HTTP. Of what nobody foresaw, not a letter goes out. */
@Catch()
@Injectable()
export class ChallengeFilter implements ExceptionFilter {
  constructor(
    private readonly challenges: Challenges,
    private readonly records: AccessRecords,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const answer = this.#answer(exception, request);
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    void reply
      .code(answer.status)
      .headers({ ...answer.headers, 'cache-control': 'no-store' })
      .type('application/json')
      .send(answer.body);
  }

  #answer(exception: unknown, request: FastifyRequest): Answer {
    const resource = resourceOf(request);
    if (exception instanceof OAuthError) {
      this.records.refused(exception, { resource, principal: request.principal, requestId: request.id });
      return this.#refusal(exception, request);
    }
    if (exception instanceof McpRefusal) {
      this.records.refused(exception, { resource, principal: request.principal, requestId: request.id });
      const { status, code, description, id } = exception;
      return { status, body: { jsonrpc: '2.0', error: { code, message: description }, id } };
    }
    // Nest's own: no such route, or a pipe.
    if (exception instanceof HttpException && exception.getStatus() < 500)
      return { status: exception.getStatus(), body: { error: 'invalid_request' } };
    this.records.failed('request.failed', exception, { requestId: request.id, resource: resource?.path });
    const { status, code, description } = new OAuthError('server_error', 'unexpected');
    return { status, body: { error: code, error_description: description } };
  }

  #refusal(error: OAuthError, request: FastifyRequest): Answer {
    const lines = this.challenges.linesFor(error, request);
    return {
      status: error.status,
      body: withoutCredentials(error)
        ? { error_description: 'An access token is required.' }
        : { error: error.code, error_description: error.description },
      headers: {
        ...(lines.length === 0 ? {} : { 'www-authenticate': [...lines] }),
        ...(error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }),
      },
    };
  }
}
