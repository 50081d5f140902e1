import { isUtf8 } from 'node:buffer';
import { OAuthError, Parameters } from '@gatehouse/protocol';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Bodies and queries stay as they came until someone asks for them in the one form the endpoint accepts. No parser in
 * between may turn a repeated parameter into an array or a JSON body into parameters.
 */
export class FormBody {
  constructor(readonly encoded: string) {}
}

/** Far more than any honest request; read into memory before anything is known about the sender. */
export const BODY_LIMIT = 64 * 1024;

export function parseBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    (_request, body, done) => {
      if (isUtf8(body)) done(null, new FormBody(body.toString('utf8')));
      else done(new OAuthError('invalid_request', 'malformed_request'));
    },
  );
  // Refuses __proto__ and constructor.prototype members.
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    void parseJson(request, body, done);
  });
}

/** @throws OAuthError invalid_request when the body is not a form */
function formOf(request: FastifyRequest): string {
  if (!(request.body instanceof FormBody)) throw new OAuthError('invalid_request', 'wrong_content_type');
  return request.body.encoded;
}

export function formParameters(request: FastifyRequest): Parameters {
  return Parameters.parse(formOf(request));
}

export function queryParameters(request: FastifyRequest): Parameters {
  return Parameters.parse(queryOf(request));
}

function queryOf(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start + 1);
}

const CREDENTIALS = [
  'client_secret',
  'client_assertion',
  'code',
  'refresh_token',
  'code_verifier',
  'token',
  'password',
];

/** A URL ends in logs and histories, so a credential in it is refused, however good it is. @spec OAuth 2.1 §2.4.1 */
function refuseCredentialsInUrl(request: FastifyRequest): void {
  const query = queryOf(request);
  if (query === '') return;
  const names = new Set(new URLSearchParams(query).keys());
  if (CREDENTIALS.some((name) => names.has(name))) throw new OAuthError('invalid_request', 'credentials_in_url');
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}

/** Parameters of a form body. @throws OAuthError invalid_request for another content type, or credentials in the query */
export const FormParameters = createParamDecorator((_: unknown, context: ExecutionContext): Parameters => {
  const request = requestOf(context);
  refuseCredentialsInUrl(request);
  return formParameters(request);
});

/** Fields of a page's form, where a checkbox group repeats its name. */
export const FormFields = createParamDecorator(
  (_: unknown, context: ExecutionContext): URLSearchParams => new URLSearchParams(formOf(requestOf(context))),
);

export const QueryParameters = createParamDecorator((_: unknown, context: ExecutionContext): Parameters =>
  queryParameters(requestOf(context)),
);

/** A JSON body as parsed. @throws OAuthError invalid_request for another content type */
export const JsonBody = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
  const { body } = requestOf(context);
  if (body === undefined || body instanceof FormBody) throw new OAuthError('invalid_request', 'wrong_content_type');
  return body;
});
