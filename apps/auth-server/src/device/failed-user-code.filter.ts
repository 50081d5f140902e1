import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import { FailureLimit, RefusalRecord, RefusalResponder, type Visitor, Visitors } from '@gatehouse/server-kit';
import { Catch, Injectable } from '@nestjs/common';
import { FormAgainFilter, type FormRequest, type Mendable } from '../interaction/form-again.filter.js';
import { InteractionPages } from '../interaction/interaction-pages.js';

@Catch()
@Injectable()
export class FailedUserCodeFilter extends FormAgainFilter {
  /** Unknown, expired, and already used: one answer, or the page would tell which codes exist. */
  protected override readonly mendable: Mendable = {
    unknown_user_code: { status: 400, problem: 'This code is not known, or it is too old.' },
    too_many_attempts: { status: 429, problem: 'Too many attempts. Wait a while, then try again.' },
  };

  constructor(
    record: RefusalRecord,
    failures: FailureLimit,
    responder: RefusalResponder,
    authorization: AuthorizationEndpoint,
    visitors: Visitors,
    private readonly pages: InteractionPages,
  ) {
    super(record, failures, responder, authorization, visitors);
  }

  protected override async form(request: FormRequest, visitor: Visitor, problem: string) {
    const { id } = request.params;
    const step = await this.stepOf(id, visitor.browser, visitor.person);
    return step?.kind === 'user-code' ? this.pages.userCode(id, visitor, { problem }) : undefined;
  }
}
