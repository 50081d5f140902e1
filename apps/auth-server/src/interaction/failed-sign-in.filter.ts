import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import {
  FailureLimit,
  RefusalRecord,
  RefusalResponder,
  type Visitor,
  Visitors,
  formFields,
} from '@gatehouse/server-kit';
import { Catch, Injectable } from '@nestjs/common';
import { FormAgainFilter, type FormRequest, type Mendable } from './form-again.filter.js';
import { InteractionPages } from './interaction-pages.js';

/** Unknown name, wrong password and disabled account: one answer, or the page would tell who has an account. */
const WRONG = { status: 401, problem: 'The username or the password is not right.' };
const NOT_HERE = {
  status: 403,
  problem: 'Passwords are not accepted here. Sign in with your organisation.',
};
const LIMITED = { status: 429, problem: 'Too many attempts. Wait a while, then try again.' };
const NO_DIRECTORY = {
  status: 503,
  problem: 'Your organisation’s directory does not answer now. Try again in a moment.',
};
const BUSY = { status: 429, problem: 'The server is busy. Try again in a moment.' };

export const SIGN_IN_PROBLEMS: Mendable = {
  unknown_account: WRONG,
  wrong_password: WRONG,
  disabled_account: WRONG,
  local_sign_in_off: NOT_HERE,
  too_many_attempts: LIMITED,
  rate_limited: BUSY,
  provider_unavailable: NO_DIRECTORY,
  provider_misconfigured: NO_DIRECTORY,
  invalid_provider_answer: NO_DIRECTORY,
};

@Catch()
@Injectable()
export class FailedSignInFilter extends FormAgainFilter {
  protected override readonly mendable = SIGN_IN_PROBLEMS;

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

  protected override async form(request: FormRequest, { browser }: Visitor, problem: string) {
    const { id } = request.params;
    const step = await this.stepOf(id, browser);
    if (step?.kind !== 'sign-in') return undefined;
    const username = formFields(request).get('username') ?? '';
    return this.pages.signIn(id, step.view, browser, { username, problem });
  }
}
