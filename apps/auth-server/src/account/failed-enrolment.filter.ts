import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import { AccountFactors } from '@gatehouse/identity';
import { tokenHash } from '@gatehouse/protocol';
import {
  FailureLimit,
  RefusalRecord,
  RefusalResponder,
  type Visitor,
  Visitors,
  formFields,
} from '@gatehouse/server-kit';
import { Catch, Injectable } from '@nestjs/common';
import { FormAgainFilter, type FormRequest, type Mendable } from '../interaction/form-again.filter.js';
import { enrolmentPage } from '../pages/second-step.page.js';
import { AccountPages } from './account-pages.js';

@Catch()
@Injectable()
export class FailedEnrolmentFilter extends FormAgainFilter {
  protected override readonly mendable: Mendable = {
    wrong_second_factor: { status: 401, problem: 'The code is not right. Does the clock of your device go right?' },
  };

  constructor(
    record: RefusalRecord,
    failures: FailureLimit,
    responder: RefusalResponder,
    authorization: AuthorizationEndpoint,
    visitors: Visitors,
    private readonly factors: AccountFactors,
    private readonly pages: AccountPages,
  ) {
    super(record, failures, responder, authorization, visitors);
  }

  protected override async form(request: FormRequest, { browser, person }: Visitor, problem: string) {
    const sealed = formFields(request).get('enrolment') ?? '';
    const enrolment = person && (await this.factors.offerAppAgain(person, tokenHash(browser), sealed));
    const common = { action: `${this.pages.base}/app`, csrf: this.pages.csrf(browser), named: true };
    return enrolment && enrolmentPage({ ...common, enrolment, problem });
  }
}
