import { DPOP_ALGORITHMS } from '@gatehouse/dpop';
import { challenge, type OAuthError } from '@gatehouse/protocol';
import { formatScope } from '@gatehouse/scopes';
import { presentedScheme, strictest, withoutCredentials } from '@gatehouse/token-validation';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentedCredentials } from '../access/presented-credentials.js';
import { resourceOf } from '../access/protected-route.js';
import { jsonOf, messagesOf, toolCallsOf } from '../mcp/mcp-body.js';
import type { Resource } from '../resource/resource.js';
import type { Tool } from '../resource/tool.js';
import { ServedResources } from '../resource/served-resources.js';

type Attributes = Readonly<Record<string, string | undefined>>;

/** What a stranger's message may cost us, in bytes. Longer ones are challenged with the default scopes. */
const MAX_UNKNOWN_CALLER_BYTES = 64 * 1024;

const CHALLENGED = [
  'invalid_token',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'insufficient_scope',
  'insufficient_user_authentication',
  'invalid_request',
];

const ALGS = DPOP_ALGORITHMS.join(' ');

/**
 * What a refused caller is told to go and get. 401 and `insufficient_scope` say what; a malformed request says that it is
 * one. A denial by policy gets no challenge at all: it would send clients off to ask for scopes that change nothing.
 * @spec RFC 6750 §3; RFC 9449 §7.1; RFC 9470 §3; RFC 9728 §5.1; MCP authorization, Error Handling
 */
@Injectable()
export class Challenges {
  constructor(private readonly resources: ServedResources) {}

  /**
   * One `WWW-Authenticate` header line each. Bearer first and in a line of its own, with the way to the metadata, whatever
   * the caller used: there are clients that read nothing else. What is wrong is told to the scheme that was used.
   */
  linesFor(error: OAuthError, request: FastifyRequest): readonly string[] {
    const resource = resourceOf(request);
    if (!resource || !CHALLENGED.includes(error.code)) return [];
    const tools = calledTools(request, resource);
    const wrong = { ...errorOf(error), ...demanded(error, tools) };
    const wayBack = this.#wayBack(error, tools, resource);
    return presentedScheme(presentedCredentials(request)) === 'DPoP'
      ? [challenge('Bearer', wayBack), challenge('DPoP', { ...wrong, ...wayBack, algs: ALGS })]
      : [challenge('Bearer', { ...wrong, ...wayBack }), challenge('DPoP', { algs: ALGS })];
  }

  #wayBack(error: OAuthError, tools: readonly Tool[], resource: Resource): Attributes {
    const needed = resource.scopesFor(tools);
    const scopes = needed.length > 0 ? needed : resource.defaultScopes;
    return {
      scope: error.code === 'invalid_request' ? undefined : formatScope(scopes),
      resource_metadata: this.resources.of(resource).metadataUrl,
    };
  }
}

/** Nothing for whoever brought no credentials: there is no error yet. @spec RFC 6750 §3.1 */
function errorOf(error: OAuthError): Attributes {
  return withoutCredentials(error) ? {} : { error: error.code, error_description: error.description };
}

function demanded(error: OAuthError, tools: readonly Tool[]): Attributes {
  if (error.code !== 'insufficient_user_authentication' && error.code !== 'insufficient_scope') return {};
  const { acr, maxAge } = strictest(tools.flatMap(({ authentication }) => authentication ?? []));
  return { acr_values: acr, max_age: maxAge === undefined ? undefined : String(maxAge) };
}

function calledTools(request: FastifyRequest, resource: Resource): readonly Tool[] {
  if (!isWorthReading(request)) return [];
  return toolCallsOf(messagesOf(jsonOf(request)), resource).map(({ tool }) => tool);
}

function isWorthReading({ body, principal }: FastifyRequest): boolean {
  return principal !== undefined || (Buffer.isBuffer(body) && body.length <= MAX_UNKNOWN_CALLER_BYTES);
}
