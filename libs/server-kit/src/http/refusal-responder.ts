import type { AnswerProblem, ProblemAnswer } from '@gatehouse/platform';
import { challenge } from '@gatehouse/protocol';
import type { ErrorPage } from './error-page.js';
import { type Refusal, refusalOfProblem } from './refusal.js';
import type { RefusalRecord } from './refusal-record.js';
import { ownChallenge } from './own-challenge.js';
import type { OwnProtection, RouteTraits } from './route.js';
import type { RouteTable } from './route-table.js';

export interface RefusedRequest {
  readonly channel: RouteTraits['channel'];
  readonly requestId?: string;
  /** The client used the Authorization header, so it is told which scheme would do. */
  readonly triedAuthorization?: boolean;
  /** It came by the scheme of tokens that are bound to a key. */
  readonly triedProofs?: boolean;
  /** The route is part of a resource of this server itself. */
  readonly protectedBy?: OwnProtection | undefined;
}

/** Seconds. A lost store is usually back at once; clients without a hint hammer or give up. */
const RETRY_AFTER_OUTAGE = 1;

/** Status, headers and body of a refusal, in the words of its channel. */
export class RefusalResponder {
  constructor(
    private readonly page: ErrorPage,
    private readonly issuer: string,
  ) {}

  /** @spec OAuth 2.1 §3.2.4 */
  answer(refusal: Refusal, request: RefusedRequest): ProblemAnswer {
    const { status, allow } = refusal;
    const retryAfter = refusal.retryAfter ?? (status === 503 ? RETRY_AFTER_OUTAGE : undefined);
    const headers = {
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      ...(allow ? { allow: allow.join(', ') } : {}),
      'cache-control': 'no-store',
      pragma: 'no-cache',
    };
    if (request.channel === 'page') {
      const page = this.page.render(refusal, request.requestId);
      return { status, headers: { ...headers, ...page.headers }, body: page.html };
    }
    return {
      status,
      headers: {
        ...headers,
        ...this.#challengeOf(refusal, request),
        ...bodyType(request),
      },
      body: JSON.stringify(
        request.channel === 'problem'
          ? problemDetails(refusal)
          : { error: refusal.code, error_description: refusal.description },
      ),
    };
  }

  /** A request without credentials is told how to bring some, and nothing else. @spec OAuth 2.1 §3.2.4; RFC 6750 §3, §3.1 */
  #challengeOf(refusal: Refusal, request: RefusedRequest): Record<string, string | string[]> {
    const { triedAuthorization = false, protectedBy } = request;
    if (protectedBy)
      return ownChallenge(refusal, protectedBy, { issuer: this.issuer, triedProofs: request.triedProofs });
    if (refusal.code === 'invalid_token')
      return {
        'www-authenticate': challenge('Bearer', {
          realm: 'gatehouse',
          ...(triedAuthorization ? { error: 'invalid_token' } : {}),
        }),
      };
    if (refusal.code === 'invalid_client' && triedAuthorization)
      return { 'www-authenticate': challenge('Basic', { realm: 'gatehouse', charset: 'UTF-8' }) };
    return {};
  }
}

function bodyType({ channel }: RefusedRequest): Record<string, string> {
  return { 'content-type': channel === 'problem' ? 'application/problem+json' : 'application/json' };
}

/** For callers that administer records. What is wrong with a member is said in our words. @spec RFC 9457 §3 */
function problemDetails({ status, code, description, problems }: Refusal): object {
  return { type: `urn:gatehouse:problem:${code}`, title: description, status, ...(problems ? { problems } : {}) };
}

/**
 * For what no route ever sees: unknown addresses and methods, bodies that are too large or of the wrong kind, bytes that
 * are no HTTP. The route it was meant for still decides the channel; without one, whether the caller asked for HTML.
 */
export function answerProblems(routes: RouteTable, record: RefusalRecord, responder: RefusalResponder): AnswerProblem {
  return (problem, request) => {
    const traits = request && routes.traits(request.method, request.path);
    const channel = traits?.channel ?? (request?.accept?.includes('text/html') === true ? 'page' : 'json');
    const refusal = refusalOfProblem(problem, channel, request ? routes.allowed(request.path) : []);
    if (refusal.reason !== undefined) record.refused(traits?.endpoint, refusal);
    return responder.answer(refusal, { channel });
  };
}
