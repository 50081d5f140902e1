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
import { InteractionPages } from '../interaction/interaction-pages.js';

const UNKNOWN = {
  status: 400,
  problem: 'Nobody here signs in with this address or provider. Check it, or choose another way.',
};
const UNREACHABLE = {
  status: 503,
  problem: 'Your organisation’s sign-in does not answer now. Try again in a moment, or choose another way.',
};
const UNUSABLE = {
  status: 503,
  problem: 'Your organisation’s sign-in cannot be used now. Tell those who run this server, or choose another way.',
};

/** The way to the provider is barred: the person is back at the choice. */
@Catch()
@Injectable()
export class FailedDepartureFilter extends FormAgainFilter {
  protected override readonly mendable: Mendable = {
    unknown_provider: UNKNOWN,
    disabled_provider: UNKNOWN,
    provider_unavailable: UNREACHABLE,
    invalid_provider_answer: UNUSABLE,
    provider_misconfigured: UNUSABLE,
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

  protected override async form(request: FormRequest, { browser }: Visitor, problem: string) {
    const { id } = request.params;
    const step = await this.stepOf(id, browser);
    if (step?.kind !== 'sign-in') return undefined;
    const email = formFields(request).get('email');
    return this.pages.signIn(id, step.view, browser, { problem, ...(email === null ? {} : { email }) });
  }
}
