import { OAuthError, Parameters } from '@gatehouse/protocol';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { headerLines } from './header-lines.js';

/**
 * Forms and queries stay the text they came as until an endpoint asks for them: no parser in between may turn a repeated
 * parameter into a list, or a JSON body into parameters.
 */
function formOf(request: FastifyRequest): string {
  // The route's `body: 'form'` has seen to the content type; a route that forgot it must not read JSON as a form.
  if (request.routeOptions.config.body !== 'form' || typeof request.body !== 'string')
    throw new OAuthError('invalid_request', 'wrong_content_type');
  return request.body;
}

export function formParameters(request: FastifyRequest): Parameters {
  return Parameters.parse(formOf(request));
}

function queryOf(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start + 1);
}

const CREDENTIALS = ['client_secret', 'client_assertion', 'code', 'code_verifier', 'refresh_token', 'token'];

/** A URL ends in logs and histories, so a credential in it is refused, however good it is. @spec OAuth 2.1 §2.4.1 */
function refuseCredentialsInUrl(request: FastifyRequest): void {
  const query = queryOf(request);
  if (query === '') return;
  const names = new Set(new URLSearchParams(query).keys());
  if (CREDENTIALS.some((name) => names.has(name))) throw new OAuthError('invalid_request', 'credentials_in_url');
}

/** @spec OAuth 2.1 §2.4.1 */
function refuseTwoAuthorizations(request: FastifyRequest): void {
  if (headerLines(request, 'authorization').length > 1)
    throw new OAuthError('invalid_request', 'two_client_auth_methods');
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}

/** Parameters of a form body. @throws OAuthError invalid_request for malformed or repeated ones, for credentials in the URL, or twice */
export const FormParameters = createParamDecorator((_: unknown, context: ExecutionContext): Parameters => {
  const request = requestOf(context);
  refuseCredentialsInUrl(request);
  refuseTwoAuthorizations(request);
  return formParameters(request);
});

/** Fields of a page's form, where a group of checkboxes repeats its name. */
export const FormFields = createParamDecorator((_: unknown, context: ExecutionContext): URLSearchParams =>
  formFields(requestOf(context)),
);

export function formFields(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(formOf(request));
}

/**
 * Of a request, as a URL: half of what Node reads as a header. One that comes as a form and needs no URL is held to it too:
 * whoever asks may have it stored, and its `state` has to fit into the URL of the answer.
 */
const LONGEST_QUERY = 8192;

/** What came as a form, for the URL by which the browser shall come again. @throws OAuthError with status 413 */
export function formAsQuery(request: FastifyRequest): string {
  const query = formFields(request).toString();
  if (query.length > LONGEST_QUERY) throw new OAuthError('invalid_request', 'oversized_request', { status: 413 });
  return query;
}

export const QueryParameters = createParamDecorator((_: unknown, context: ExecutionContext): Parameters =>
  Parameters.parse(queryOf(requestOf(context))),
);
