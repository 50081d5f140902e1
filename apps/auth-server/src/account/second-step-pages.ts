import { SecondStep, type SecondStepVisit, type SignedIn } from '@gatehouse/identity';
import { pathOf } from '@gatehouse/metadata';
import type { RenderedPage } from '@gatehouse/pages';
import { OAuthError } from '@gatehouse/protocol';
import { ServerSettings, type Visitor, csrfToken } from '@gatehouse/server-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { enrolmentPage, secondStepPage } from '../pages/second-step.page.js';
import { type SignInPlace, visitAt } from './sign-in-place.js';

export interface SecondStepOutcome {
  readonly signedIn: SignedIn;
  /** Of a factor that was set up on the way. */
  readonly recoveryCodes?: readonly string[];
}

/** The second step as pages and forms, the same in a journey and at the account pages. */
@Injectable()
export class SecondStepPages {
  readonly #base: string;

  constructor(
    { issuer }: ServerSettings,
    private readonly steps: SecondStep,
  ) {
    this.#base = pathOf(issuer);
  }

  /** Undefined: there is no password here that waits for its second step. */
  async page(
    place: SignInPlace,
    visitor: Visitor,
    request: FastifyRequest,
    again: {
      readonly problem?: string;
      readonly enrolment?: string;
      readonly formActionOrigins?: readonly string[];
    } = {},
  ): Promise<RenderedPage | undefined> {
    const visit = visitAt(place, visitor, request);
    const view = await this.steps.find(visit);
    if (!view) return undefined;
    const { problem, formActionOrigins = [] } = again;
    const common = {
      action: this.actionOf(place),
      csrf: csrfToken(visitor.browser, place === 'account' ? 'account' : place.interaction),
      formActionOrigins,
      ...(problem === undefined ? {} : { problem }),
    };
    if (view.factors.length === 0)
      return enrolmentPage({ ...common, named: false, enrolment: await this.#enrolment(visit, again.enrolment) });
    const passkey = await this.steps.passkeyOptions(view);
    const hasApp = view.factors.some(({ kind }) => kind === 'totp');
    return secondStepPage({ ...common, hasApp, ...(passkey ? { passkey } : {}) });
  }

  /** One of the ways, by the field that came. @throws OAuthError */
  async prove(visit: SecondStepVisit, form: URLSearchParams): Promise<SecondStepOutcome> {
    const [passkey, recoveryCode, enrolment] = ['passkey', 'recovery_code', 'enrolment'].map((name) => form.get(name));
    const code = form.get('code') ?? '';
    if (typeof enrolment === 'string') return this.steps.enrol(visit, { sealed: enrolment, code });
    if (typeof passkey === 'string') return { signedIn: await this.steps.proveByPasskey(visit, passkey) };
    if (typeof recoveryCode === 'string')
      return { signedIn: await this.steps.proveByRecoveryCode(visit, recoveryCode) };
    return { signedIn: await this.steps.proveByCode(visit, code) };
  }

  actionOf(place: SignInPlace): string {
    return place === 'account'
      ? `${this.#base}/account/second-factor`
      : `${this.#base}/interaction/${encodeURIComponent(place.interaction)}/second-factor`;
  }

  async #enrolment(visit: SecondStepVisit, sealed: string | undefined) {
    const again = sealed === undefined ? undefined : await this.steps.offerAgain(visit, sealed);
    return again ?? this.steps.offerEnrolment(visit);
  }
}

export function placeOf(id: string | undefined): SignInPlace {
  return id === undefined ? 'account' : { interaction: id };
}

/** @throws OAuthError access_denied: the steps took too long, or there was no first one */
export function required<Page>(page: Page | undefined): Page {
  if (page === undefined) throw new OAuthError('access_denied', 'no_pending_sign_in');
  return page;
}
