import { challenge, OAuthError } from '@gatehouse/protocol';
import { formatScope } from '@gatehouse/scopes';
import { withoutCredentials } from '@gatehouse/token-validation';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { resourceOf } from '../access/protected-route.js';
import { jsonOf, messagesOf, toolCallsOf } from '../mcp/mcp-body.js';
import { McpRefusal } from '../mcp/mcp-refusal.js';
import { AccessRecords } from '../records/access-records.js';
import { ServedResources } from '../resource/served-resources.js';

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a stranger's message may cost us, in bytes. Longer ones are challenged with the default scopes. */
const MAX_UNKNOWN_CALLER_BYTES = 64 * 1024;

/** The one place where something thrown becomes HTTP. Of what nobody foresaw, not a letter goes out. */
@Catch()
@Injectable()
export class ChallengeFilter implements ExceptionFilter {
  constructor(
    private readonly resources: ServedResources,
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
    const value = this.#challenge(error, request);
    return {
      status: error.status,
      body: withoutCredentials(error)
        ? { error_description: 'An access token is required.' }
        : { error: error.code, error_description: error.description },
      headers: {
        ...(value === undefined ? {} : { 'www-authenticate': value }),
        ...(error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }),
      },
    };
  }

  /**
   * 401 and `insufficient_scope` say what to get; a malformed request says so. A denial by policy gets no challenge at all:
   * it would send clients off to ask for scopes that change nothing.
   * @spec RFC 6750 §3; RFC 9728 §5.1; MCP authorization, Error Handling
   */
  #challenge(error: OAuthError, request: FastifyRequest): string | undefined {
    const { code, description } = error;
    const resource = resourceOf(request);
    if (!resource || (code !== 'invalid_token' && code !== 'insufficient_scope' && code !== 'invalid_request'))
      return undefined;
    const silent = withoutCredentials(error);
    const calls = isWorthReading(request) ? toolCallsOf(messagesOf(jsonOf(request)), resource) : [];
    const needed = resource.scopesFor(calls.map(({ tool }) => tool));
    const scopes = needed.length > 0 ? needed : resource.defaultScopes;
    return challenge('Bearer', {
      error: silent ? undefined : code,
      error_description: silent ? undefined : description,
      scope: code === 'invalid_request' ? undefined : formatScope(scopes),
      resource_metadata: this.resources.of(resource).metadataUrl,
    });
  }
}

function isWorthReading({ body, principal }: FastifyRequest): boolean {
  return principal !== undefined || (Buffer.isBuffer(body) && body.length <= MAX_UNKNOWN_CALLER_BYTES);
}
