import { AuthorizationEndpoint, type NextStep } from '@gatehouse/authorization-server';
import type { ProblemAnswer } from '@gatehouse/platform';
import { OAuthError, type RefusalReason } from '@gatehouse/protocol';
import {
  FailureLimit,
  type Refusal,
  RefusalFilter,
  RefusalRecord,
  RefusalResponder,
  Visitors,
} from '@gatehouse/server-kit';
import { Catch, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InteractionPages } from '../interaction/interaction-pages.js';

/** Unknown, expired, and already used: one answer, or the page would tell which codes exist. */
const AGAIN: Partial<Record<RefusalReason, { readonly status: number; readonly problem: string }>> = {
  unknown_user_code: { status: 400, problem: 'This code is not known, or it is too old.' },
  too_many_attempts: { status: 429, problem: 'Too many attempts. Wait a while, then try again.' },
};

/** A code that did not fit is answered with the form again; everything else is an error page as everywhere. */
@Catch()
@Injectable()
export class FailedUserCodeFilter extends RefusalFilter {
  constructor(
    record: RefusalRecord,
    failures: FailureLimit,
    responder: RefusalResponder,
    private readonly authorization: AuthorizationEndpoint,
    private readonly visitors: Visitors,
    private readonly pages: InteractionPages,
  ) {
    super(record, failures, responder);
  }

  protected override async answer(
    refusal: Refusal,
    request: FastifyRequest<{ Params: { id: string } }>,
  ): Promise<ProblemAnswer> {
    const again = refusal.reason && AGAIN[refusal.reason];
    if (!again) return super.answer(refusal, request);
    const { id } = request.params;
    const visitor = await this.visitors.of(request);
    const step = await this.authorization.step(id, visitor.browser, visitor.person).catch(overMeanwhile);
    if (step?.kind !== 'user-code') return super.answer(refusal, request);
    const { html, headers } = this.pages.userCode(id, visitor, { problem: again.problem });
    const { retryAfter } = refusal;
    return {
      status: again.status,
      headers: { ...headers, ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) },
      body: html,
    };
  }
}

/** The interaction ended between the attempt and its answer. */
function overMeanwhile(error: unknown): NextStep | undefined {
  if (error instanceof OAuthError) return undefined;
  throw error;
}
