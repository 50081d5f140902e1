import { type EventLogger, type HistogramMetric, type LogFields, type Metrics } from '@gatehouse/platform';
import { type OAuthError, REFUSAL_REASONS, type RefusalReason } from '@gatehouse/protocol';
import type { Principal } from '@gatehouse/token-validation';
import type { McpRefusal } from '../mcp/mcp-refusal.js';
import type { Resource } from '../resource/resource.js';
import type { Tool } from '../resource/tool.js';

/** Of which request a decision is. */
export interface DecisionContext {
  readonly principal: Principal;
  readonly resource: Resource;
  readonly requestId: string;
}

interface Decision extends DecisionContext {
  readonly tool: Tool;
}

interface RefusedRequest {
  readonly resource: Resource | undefined;
  readonly principal: Principal | undefined;
  readonly requestId: string;
}

const OUTCOMES = ['done', 'refused', 'failed'] as const;
const BUCKETS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];
type Count = (labels: Record<string, string>) => void;

/**
 * Who called which tool with whose right, and how it was decided: one log line each, ids only, and numbers whose labels
 * are the names that were declared. The resource server has no audit store of its own; its log is the record.
 */
export class AccessRecords {
  readonly #decisions: Count;
  readonly #refusals: Count;
  readonly #durations: HistogramMetric<Record<'resource' | 'tool' | 'outcome', readonly string[]>>;

  constructor(
    private readonly logger: EventLogger,
    metrics: Metrics,
    resources: readonly Resource[],
  ) {
    const resource = resources.map(({ path }) => path);
    const tool = [...new Set(resources.flatMap(({ tools }) => [...tools.keys()]))];
    const decisions = metrics.counter({
      name: 'tool_decisions_total',
      help: 'Tool calls that were allowed or denied.',
      labels: { resource, tool, decision: ['allowed', 'denied'] },
    });
    const refusals = metrics.counter({
      name: 'resource_refusals_total',
      help: 'Requests refused before a tool could start, by reason.',
      labels: { resource, reason: REFUSAL_REASONS },
    });
    this.#decisions = (labels) => {
      decisions.increment(labels as never);
    };
    this.#refusals = (labels) => {
      refusals.increment(labels as never);
    };
    this.#durations = metrics.histogram({
      name: 'tool_duration_seconds',
      help: 'Time in a tool.',
      labels: { resource, tool, outcome: OUTCOMES },
      buckets: BUCKETS,
    });
  }

  allowed(decision: Decision): void {
    this.#decisions({ ...namesOf(decision), decision: 'allowed' });
    this.logger.event('tool.allowed', fieldsOf(decision));
  }

  denied(decision: Decision & { readonly reason: RefusalReason }): void {
    this.#decisions({ ...namesOf(decision), decision: 'denied' });
    this.logger.event('tool.denied', { ...fieldsOf(decision), reason: decision.reason });
  }

  finished(call: Pick<Decision, 'resource' | 'tool'> & { outcome: (typeof OUTCOMES)[number]; seconds: number }): void {
    this.#durations.observe({ ...namesOf(call), outcome: call.outcome }, call.seconds);
  }

  refused(refusal: OAuthError | McpRefusal, { resource, principal, requestId }: RefusedRequest): void {
    const { reason, status, cause } = refusal;
    this.#refusals({ resource: resource?.path ?? 'none', reason });
    const fields = { requestId, resource: resource?.path, reason, status, ...callerFields(principal) };
    // The issuer cannot be reached, or the like: somebody should look.
    if (status >= 500) this.logger.warning('request.refused', fields, cause);
    else this.logger.event('request.refused', fields);
  }

  /** What the official server turned away. Its texts repeat the request, so only that it happened is written down. */
  rejectedByProtocol(resource: Resource, error: Error): void {
    const { code } = error as { code?: unknown };
    if (error.message.startsWith('Rejected ') || error.message.startsWith('Unsupported ') || typeof code === 'number')
      this.logger.detail('mcp.rejected', { resource: resource.path });
    else this.failed('mcp.failed', error, { resource: resource.path });
  }

  failed(event: string, error: unknown, fields: LogFields): void {
    this.logger.failure(event, error, fields);
  }
}

function namesOf({ resource, tool }: Pick<Decision, 'resource' | 'tool'>): { resource: string; tool: string } {
  return { resource: resource.path, tool: tool.name };
}

function fieldsOf({ principal, resource, tool, requestId }: Decision): LogFields {
  return { requestId, resource: resource.path, tool: tool.name, ...callerFields(principal), needed: tool.scopeNames };
}

function callerFields(principal: Principal | undefined): LogFields {
  if (!principal) return {};
  const { subject, clientId, authorizationId, tokenId, scopes, boundTo, actor, priorActors } = principal;
  const actors = actor === undefined ? undefined : [actor, ...priorActors];
  return { subject, clientId, authorizationId, jti: tokenId, scopes, boundTo, actors };
}
