import type { InteractionView, NextStep } from '@gatehouse/authorization-server';
import { PasskeyCeremonies } from '@gatehouse/identity';
import { pathOf } from '@gatehouse/metadata';
import type { RenderedPage } from '@gatehouse/pages';
import { ServerSettings, type Visitor, csrfToken } from '@gatehouse/server-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { consentPage } from '../pages/consent.page.js';
import { refusalPage } from '../pages/refusal.page.js';
import { signInPage } from '../pages/sign-in.page.js';
import { SignInOffers } from '../sso/sign-in-offers.js';
import { userCodePage } from '../pages/user-code.page.js';

/** Turns the dispatcher's answer into a page. It decides nothing. */
@Injectable()
export class InteractionPages {
  readonly #base: string;
  readonly #signOutHref: string;
  readonly #hasPasskeys: boolean;

  constructor(
    { issuer, secondFactor }: ServerSettings,
    private readonly offers: SignInOffers,
    passkeys: PasskeyCeremonies,
  ) {
    this.#base = `${pathOf(issuer)}/interaction`;
    this.#signOutHref = `${pathOf(issuer)}/logout`;
    this.#hasPasskeys = secondFactor !== 'off' && passkeys.available;
  }

  async show(
    reply: FastifyReply,
    id: string,
    step: Exclude<NextStep, { kind: 'redirect' }>,
    visitor: Visitor,
  ): Promise<void> {
    const { headers, html } = await this.#page(id, step, visitor);
    void reply.headers(headers).send(html);
  }

  /** `typed`: what stands in it already, when it comes back after a failed attempt, or by the client's leave. */
  async signIn(
    id: string,
    view: InteractionView | undefined,
    browser: string,
    { email, ...typed }: { readonly username?: string; readonly email?: string; readonly problem?: string } = {},
  ): Promise<RenderedPage> {
    return signInPage({
      view,
      action: this.#action(id, 'sign-in'),
      csrf: csrfToken(browser, id),
      sso: await this.offers.sso(this.#action(id, 'sso'), email),
      local: await this.offers.passwords(),
      ...(this.#hasPasskeys ? { passkeyHref: this.#action(id, 'passkey') } : {}),
      ...typed,
    });
  }

  userCode(
    id: string,
    { browser, person }: Visitor,
    more: { readonly offered?: string; readonly problem?: string },
  ): RenderedPage {
    return userCodePage({
      personName: person?.displayName ?? '',
      action: this.#action(id, 'user-code'),
      switchAction: this.#action(id, 'switch-account'),
      signOutHref: this.#signOutHref,
      csrf: csrfToken(browser, id),
      ...(more.offered === undefined ? {} : { offered: more.offered }),
      ...(more.problem === undefined ? {} : { problem: more.problem }),
    });
  }

  async #page(
    id: string,
    step: Exclude<NextStep, { kind: 'redirect' }>,
    { browser, person }: Visitor,
  ): Promise<RenderedPage> {
    const csrf = csrfToken(browser, id);
    switch (step.kind) {
      case 'sign-in':
        return this.signIn(id, step.view, browser, step.username === undefined ? {} : { username: step.username });
      case 'user-code':
        return this.userCode(id, { browser, ...(person ? { person } : {}) }, step);
      case 'consent':
        return consentPage({
          view: step.view,
          personName: person?.displayName ?? '',
          decideAction: this.#action(id, 'consent'),
          switchAction: this.#action(id, 'switch-account'),
          signOutHref: this.#signOutHref,
          csrf,
        });
      case 'refusal':
        return refusalPage({ view: step.view, action: this.#action(id, 'refusal'), csrf });
    }
  }

  #action(id: string, name: string): string {
    return `${this.#base}/${encodeURIComponent(id)}/${name}`;
  }
}
