import type { AuthorizationEndpoint, NextStep } from '@gatehouse/authorization-server';
import type { ProblemAnswer } from '@gatehouse/platform';
import { OAuthError, type RefusalReason } from '@gatehouse/protocol';
import {
  type FailureLimit,
  type Refusal,
  RefusalFilter,
  type RefusalRecord,
  type RefusalResponder,
  type Visitor,
  type Visitors,
} from '@gatehouse/server-kit';
import type { FastifyRequest } from 'fastify';

export type FormRequest = FastifyRequest<{ Params: { id: string } }>;

/** What a person can mend, by reason: the status, and a fixed sentence. */
export type Mendable = Partial<Record<RefusalReason, { readonly status: number; readonly problem: string }>>;

/**
 * What a person sent was refused for a reason that they can mend: the form again, with a sentence. Everything else is an
 * error page as everywhere.
 */
export abstract class FormAgainFilter extends RefusalFilter {
  protected abstract readonly mendable: Mendable;

  constructor(
    record: RefusalRecord,
    failures: FailureLimit,
    responder: RefusalResponder,
    protected readonly authorization: AuthorizationEndpoint,
    private readonly visitors: Visitors,
  ) {
    super(record, failures, responder);
  }

  /** The page; undefined when the journey is not, or no longer, at this form. */
  protected abstract form(
    request: FormRequest,
    visitor: Visitor,
    problem: string,
  ): Promise<{ readonly html: string; readonly headers: Readonly<Record<string, string>> } | undefined>;

  /** Where the journey stands; undefined: it ended between the attempt and its answer. */
  protected async stepOf(...at: Parameters<AuthorizationEndpoint['step']>): Promise<NextStep | undefined> {
    try {
      return await this.authorization.step(...at);
    } catch (error) {
      if (error instanceof OAuthError) return undefined;
      throw error;
    }
  }

  protected override async answer(refusal: Refusal, request: FormRequest): Promise<ProblemAnswer> {
    const again = refusal.reason && this.mendable[refusal.reason];
    const page = again && (await this.form(request, await this.visitors.of(request), again.problem));
    if (!page) return super.answer(refusal, request);
    const { retryAfter } = refusal;
    return {
      status: again.status,
      headers: { ...page.headers, ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) },
      body: page.html,
    };
  }
}
