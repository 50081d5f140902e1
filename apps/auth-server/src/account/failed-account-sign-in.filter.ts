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
import { SIGN_IN_PROBLEMS } from '../interaction/failed-sign-in.filter.js';
import { FormAgainFilter, type FormRequest } from '../interaction/form-again.filter.js';
import { AccountPages } from './account-pages.js';

/** The same sentences as in a journey: an unknown name, a wrong password and a disabled account look alike here too. */
@Catch()
@Injectable()
export class FailedAccountSignInFilter extends FormAgainFilter {
  protected override readonly mendable = SIGN_IN_PROBLEMS;

  constructor(
    record: RefusalRecord,
    failures: FailureLimit,
    responder: RefusalResponder,
    authorization: AuthorizationEndpoint,
    visitors: Visitors,
    private readonly pages: AccountPages,
  ) {
    super(record, failures, responder, authorization, visitors);
  }

  protected override form(request: FormRequest, { browser }: Visitor, problem: string) {
    return Promise.resolve(
      this.pages.signIn(browser, { username: formFields(request).get('username') ?? '', problem }),
    );
  }
}
