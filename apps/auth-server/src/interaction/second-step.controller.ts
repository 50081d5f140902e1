import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import { SecondStep } from '@gatehouse/identity';
import { pathOf } from '@gatehouse/metadata';
import {
  FormFields,
  InteractionFormGuard,
  Public,
  Route,
  ServerSettings,
  Visitors,
  csrfToken,
} from '@gatehouse/server-kit';
import { Controller, Get, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LocalAccounts } from '../account/local-accounts.js';
import { FailedSecondStepFilter } from '../account/failed-second-step.filter.js';
import { SecondStepPages } from '../account/second-step-pages.js';
import { visitAt } from '../account/sign-in-place.js';
import { answerOrigins } from '../pages/client-identity.js';
import { passkeySignInPage } from '../pages/passkey-sign-in.page.js';
import { recoveryCodesPage } from '../pages/second-step.page.js';

/**
 * Between the password and the session, and the sign-in by a passkey alone. The journey is asked for first, so nothing here
 * is worth anything outside of the browser that began it. Costs the journey's reads, the record of the first step, the
 * account and its factors; with a right answer one statement each to spend it, to end the record and to begin the session.
 */
@Public()
@Controller('interaction')
export class SecondStepController {
  readonly #base: string;

  constructor(
    private readonly authorization: AuthorizationEndpoint,
    private readonly steps: SecondStep,
    private readonly pages: SecondStepPages,
    private readonly locals: LocalAccounts,
    private readonly visitors: Visitors,
    private readonly settings: ServerSettings,
  ) {
    this.#base = pathOf(settings.issuer);
  }

  @Get(':id/second-factor')
  @Route({ endpoint: 'second-factor', channel: 'page' })
  async show(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visitor = await this.visitors.of(request);
    const step = await this.authorization.step(id, visitor.browser);
    const formActionOrigins = step.kind === 'sign-in' && step.view ? answerOrigins(step.view) : [];
    const page = await this.pages.page({ interaction: id }, visitor, request, { formActionOrigins });
    // Too late, or without a password: back to where the journey stands.
    if (page) void reply.headers(page.headers).send(page.html);
    else reply.redirect(`${this.settings.issuer}/interaction/${id}`, 303);
  }

  @Post(':id/second-factor')
  @UseGuards(InteractionFormGuard)
  @UseFilters(FailedSecondStepFilter)
  @Route({ endpoint: 'second-factor', channel: 'page', body: 'form' })
  async prove(
    @Param('id') id: string,
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visitor = await this.visitors.of(request);
    await this.authorization.step(id, visitor.browser);
    const { signedIn, recoveryCodes } = await this.pages.prove(visitAt({ interaction: id }, visitor, request), form);
    const { interactionId } = await this.authorization.signedIn(id, visitor.browser, signedIn.person);
    this.visitors.signedIn(reply, signedIn);
    const next = `${this.#base}/interaction/${interactionId}`;
    if (recoveryCodes) {
      const { headers, html } = recoveryCodesPage({ codes: recoveryCodes, next });
      void reply.code(200).headers(headers).send(html);
    } else reply.redirect(`${this.settings.issuer}/interaction/${interactionId}`, 303);
  }

  @Get(':id/passkey')
  @Route({ endpoint: 'second-factor', channel: 'page' })
  async offerPasskey(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visitor = await this.visitors.of(request);
    const step = await this.authorization.step(id, visitor.browser);
    const options = await this.steps.beginWithPasskey(visitAt({ interaction: id }, visitor, request, 'passkey'));
    const { headers, html } = passkeySignInPage({
      options,
      action: `${this.#base}/interaction/${encodeURIComponent(id)}/passkey`,
      back: `${this.#base}/interaction/${encodeURIComponent(id)}`,
      csrf: csrfToken(visitor.browser, id),
      formActionOrigins: step.kind === 'sign-in' && step.view ? answerOrigins(step.view) : [],
    });
    void reply.headers(headers).send(html);
  }

  @Post(':id/passkey')
  @UseGuards(InteractionFormGuard)
  @Route({ endpoint: 'second-factor', channel: 'page', body: 'form' })
  async signInByPasskey(
    @Param('id') id: string,
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const visitor = await this.visitors.of(request);
    await this.authorization.step(id, visitor.browser);
    const visit = visitAt({ interaction: id }, visitor, request, 'passkey');
    const signedIn = await this.steps.signInByPasskey(visit, form.get('passkey') ?? '', this.locals.maySignIn);
    const { interactionId } = await this.authorization.signedIn(id, visitor.browser, signedIn.person);
    this.visitors.signedIn(reply, signedIn);
    reply.redirect(`${this.settings.issuer}/interaction/${interactionId}`, 303);
  }
}
