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
import { FormAgainFilter, type FormRequest, type Mendable } from '../interaction/form-again.filter.js';
import { SecondStepPages, placeOf } from './second-step-pages.js';

/** A wrong code, one that was used, a key of somebody else: one answer. */
@Catch()
@Injectable()
export class FailedSecondStepFilter extends FormAgainFilter {
  protected override readonly mendable: Mendable = {
    wrong_second_factor: { status: 401, problem: 'That was not right. A code works once, and only for half a minute.' },
    too_many_attempts: { status: 429, problem: 'Too many attempts. Wait a while, or use a passkey.' },
  };

  constructor(
    record: RefusalRecord,
    failures: FailureLimit,
    responder: RefusalResponder,
    authorization: AuthorizationEndpoint,
    visitors: Visitors,
    private readonly pages: SecondStepPages,
  ) {
    super(record, failures, responder, authorization, visitors);
  }

  protected override async form(request: FormRequest, visitor: Visitor, problem: string) {
    const { id } = request.params as { readonly id?: string };
    const enrolment = formFields(request).get('enrolment');
    return this.pages.page(placeOf(id), visitor, request, { problem, ...(enrolment === null ? {} : { enrolment }) });
  }
}
