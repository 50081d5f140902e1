import { Clock, OAuthError } from '@gatehouse/protocol';
import { requireAuthentication } from '@gatehouse/token-validation';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { requireAgreement } from '../mcp/header-agreement.js';
import { messagesOf, requireReadable, type ToolCallMessage, toolCallsOf } from '../mcp/mcp-body.js';
import { AccessRecords, type DecisionContext } from '../records/access-records.js';
import { AccessPolicy } from './access-policy.js';
import { resourceOf } from './protected-route.js';
import { ToolCallLimit } from './tool-call-limit.js';

/**
 * May the tools that this request names be called with this token? Decided from the JSON-RPC body alone, the very object
 * that the handler will get, and before it starts: once a stream has begun there is no 403 any more.
 * Listing and the like need no scope: a client must see a tool to know what to ask for.
 */
@Injectable()
export class ToolScopeGuard implements CanActivate {
  constructor(
    private readonly policy: AccessPolicy,
    private readonly limit: ToolCallLimit,
    private readonly records: AccessRecords,
    private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const resource = resourceOf(request);
    const { principal } = request;
    // Without principal the route is public. Other methods carry no call, and the endpoint refuses them.
    if (!resource || !principal || request.method !== 'POST') return true;

    const messages = messagesOf(requireReadable(request));
    requireAgreement(request.headers, messages);
    const calls = toolCallsOf(messages, resource);
    const decision = { principal, resource, requestId: request.id };
    const needed = resource.scopesFor(calls.map(({ tool }) => tool));
    if (resource.catalogue.missing(principal.scopes, needed).length > 0) {
      for (const { tool } of calls) this.records.denied({ ...decision, tool, reason: 'insufficient_scope' });
      throw new OAuthError('insufficient_scope', 'insufficient_scope');
    }
    this.#requireAuthentication(calls, decision);
    for (const { tool, input } of calls) {
      if (await this.policy.permits({ principal, resource, tool, input })) continue;
      this.records.denied({ ...decision, tool, reason: 'forbidden_by_policy' });
      throw new OAuthError('access_denied', 'forbidden_by_policy');
    }
    this.limit.count(principal, calls.length);
    for (const { tool } of calls) this.records.allowed({ ...decision, tool });
    return true;
  }

  /**
   * After the scopes, whose challenge names this demand too: a client that reads all of it asks its person once. One that
   * knows nothing of step-up authentication does what every client does for a scope, and that often ends at a sign-in.
   */
  #requireAuthentication(calls: readonly ToolCallMessage[], decision: DecisionContext): void {
    const demands = calls.flatMap(({ tool }) => tool.authentication ?? []);
    try {
      requireAuthentication(decision.principal, demands, this.clock);
    } catch (error) {
      if (error instanceof OAuthError)
        for (const { tool } of calls) this.records.denied({ ...decision, tool, reason: error.reason });
      throw error;
    }
  }
}
