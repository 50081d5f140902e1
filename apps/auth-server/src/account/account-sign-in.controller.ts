import { SignIn } from '@gatehouse/identity';
import { pathOf } from '@gatehouse/metadata';
import { networkKey } from '@gatehouse/platform';
import { FormFields, InteractionFormGuard, Public, Route, ServerSettings, Visitors } from '@gatehouse/server-kit';
import { Controller, Get, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { recoveryCodesPage } from '../pages/second-step.page.js';
import { AccountPages } from './account-pages.js';
import { FailedAccountSignInFilter } from './failed-account-sign-in.filter.js';
import { FailedSecondStepFilter } from './failed-second-step.filter.js';
import { SecondStepPages } from './second-step-pages.js';
import { visitAt } from './sign-in-place.js';

/** Signing in for nobody's request: to look at one's own account, or once more to change something of it. */
@Public()
@Controller('account')
export class AccountSignInController {
  readonly #base: string;

  constructor(
    private readonly identity: SignIn,
    private readonly steps: SecondStepPages,
    private readonly pages: AccountPages,
    private readonly visitors: Visitors,
    private readonly settings: ServerSettings,
  ) {
    this.#base = `${pathOf(settings.issuer)}/account`;
  }

  @Get('sign-in')
  @Route({ endpoint: 'account', channel: 'page' })
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { browser } = await this.visitors.arrive(request, reply);
    const { headers, html } = this.pages.signIn(browser);
    void reply.headers(headers).send(html);
  }

  /** A new session id, as at every sign-in. */
  @Post('sign-in')
  @UseGuards(InteractionFormGuard)
  @UseFilters(FailedAccountSignInFilter)
  @Route({ endpoint: 'account', channel: 'page', body: 'form' })
  async signIn(
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visitor = await this.visitors.of(request);
    const visit = visitAt('account', visitor, request);
    const outcome = await this.identity.signIn({
      ...visit,
      username: form.get('username') ?? '',
      password: form.get('password') ?? '',
      network: networkKey(request.ip),
      at: visit,
    });
    if (outcome !== 'second_step') this.visitors.signedIn(reply, outcome);
    reply.redirect(`${this.settings.issuer}/account${outcome === 'second_step' ? '/second-factor' : ''}`, 303);
  }

  @Get('second-factor')
  @Route({ endpoint: 'account', channel: 'page' })
  async showSecondStep(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const page = await this.steps.page('account', await this.visitors.of(request), request);
    if (page) void reply.headers(page.headers).send(page.html);
    else reply.redirect(`${this.settings.issuer}/account/sign-in`, 303);
  }

  @Post('second-factor')
  @UseGuards(InteractionFormGuard)
  @UseFilters(FailedSecondStepFilter)
  @Route({ endpoint: 'account', channel: 'page', body: 'form' })
  async prove(
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visit = visitAt('account', await this.visitors.of(request), request);
    const { signedIn, recoveryCodes } = await this.steps.prove(visit, form);
    this.visitors.signedIn(reply, signedIn);
    if (recoveryCodes) {
      const { headers, html } = recoveryCodesPage({ codes: recoveryCodes, next: this.#base });
      void reply.code(200).headers(headers).send(html);
    } else reply.redirect(`${this.settings.issuer}/account`, 303);
  }
}
