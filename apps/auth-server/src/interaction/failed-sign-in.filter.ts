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
  formFields,
} from '@gatehouse/server-kit';
import { Catch, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InteractionPages } from './interaction-pages.js';

/** Unknown name, wrong password and disabled account: one answer, or the page would tell who has an account. */
const WRONG = { status: 401, problem: 'The username or the password is not right.' };
const LIMITED = { status: 429, problem: 'Too many attempts. Wait a while, then try again.' };
const BUSY = { status: 429, problem: 'The server is busy. Try again in a moment.' };

const AGAIN: Partial<Record<RefusalReason, typeof WRONG>> = {
  unknown_account: WRONG,
  wrong_password: WRONG,
  disabled_account: WRONG,
  too_many_attempts: LIMITED,
  rate_limited: BUSY,
};

/** A sign-in that failed is answered with the form again; everything else is an error page as everywhere. */
@Catch()
@Injectable()
export class FailedSignInFilter extends RefusalFilter {
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
    const { browser } = await this.visitors.of(request);
    const step = await this.authorization.step(id, browser).catch(overMeanwhile);
    if (step?.kind !== 'sign-in') return super.answer(refusal, request);
    const username = formFields(request).get('username') ?? '';
    const { html, headers } = this.pages.signIn(id, step.view, browser, { username, problem: again.problem });
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
