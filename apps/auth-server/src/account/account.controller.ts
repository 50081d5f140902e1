import { AccountFactors, type Person, Sessions } from '@gatehouse/identity';
import type { RenderedPage } from '@gatehouse/pages';
import { OAuthError, tokenHash } from '@gatehouse/protocol';
import {
  FormFields,
  InteractionFormGuard,
  Public,
  Route,
  ServerSettings,
  type Visitor,
  Visitors,
} from '@gatehouse/server-kit';
import { Controller, Get, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newPasskeyPage } from '../pages/account.page.js';
import { enrolmentPage, recoveryCodesPage } from '../pages/second-step.page.js';
import { AccountPages } from './account-pages.js';
import { FailedEnrolmentFilter } from './failed-enrolment.filter.js';

/**
 * What a person sees and changes of their own account. Who may change is the core's to say, at each change. Costs the
 * session's read and two or three of the account; a change one statement or transaction.
 */
@Public()
@Controller('account')
export class AccountController {
  constructor(
    private readonly factors: AccountFactors,
    private readonly sessions: Sessions,
    private readonly pages: AccountPages,
    private readonly visitors: Visitors,
    private readonly settings: ServerSettings,
  ) {}

  @Get()
  @Route({ endpoint: 'account', channel: 'page' })
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { browser, person } = await this.visitors.arrive(request, reply);
    if (person) send(reply, await this.pages.overview(browser, person));
    else reply.redirect(`${this.settings.issuer}/account/sign-in`, 303);
  }

  @Get('app')
  @Route({ endpoint: 'account', channel: 'page' })
  async offerApp(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { browser, person } = await this.#signedIn(request);
    const enrolment = await this.factors.offerApp(person, tokenHash(browser));
    send(
      reply,
      enrolmentPage({ action: `${this.pages.base}/app`, csrf: this.pages.csrf(browser), enrolment, named: true }),
    );
  }

  @Post('app')
  @UseGuards(InteractionFormGuard)
  @UseFilters(FailedEnrolmentFilter)
  @Route({ endpoint: 'account', channel: 'page', body: 'form' })
  async addApp(
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { browser, person } = await this.#signedIn(request);
    const [sealed = '', code = '', name = ''] = ['enrolment', 'code', 'name'].map((field) => form.get(field) ?? '');
    this.#done(reply, await this.factors.addApp(person, tokenHash(browser), { sealed, code, name }));
  }

  @Get('passkey')
  @Route({ endpoint: 'account', channel: 'page' })
  async offerPasskey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { browser, person } = await this.#signedIn(request);
    const { options, sealed } = await this.factors.offerPasskey(person, tokenHash(browser));
    const { base } = this.pages;
    send(
      reply,
      newPasskeyPage({ options, sealed, action: `${base}/passkey`, back: base, csrf: this.pages.csrf(browser) }),
    );
  }

  @Post('passkey')
  @UseGuards(InteractionFormGuard)
  @Route({ endpoint: 'account', channel: 'page', body: 'form' })
  async addPasskey(
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { browser, person } = await this.#signedIn(request);
    const [sealed = '', response = '', name = ''] = ['enrolment', 'passkey', 'name'].map(
      (field) => form.get(field) ?? '',
    );
    this.#done(reply, await this.factors.addPasskey(person, tokenHash(browser), { sealed, response, name }));
  }

  @Post('factor')
  @UseGuards(InteractionFormGuard)
  @Route({ endpoint: 'account', channel: 'page', body: 'form' })
  async changeFactor(
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { person } = await this.#signedIn(request);
    const id = form.get('id') ?? '';
    if (form.get('change') === 'remove') await this.factors.remove(person, id);
    else await this.factors.rename(person, id, form.get('name') ?? '');
    this.#done(reply);
  }

  @Post('recovery-codes')
  @UseGuards(InteractionFormGuard)
  @Route({ endpoint: 'account', channel: 'page', body: 'form' })
  async newRecoveryCodes(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { person } = await this.#signedIn(request);
    this.#done(reply, await this.factors.newRecoveryCodes(person));
  }

  @Post('sessions')
  @UseGuards(InteractionFormGuard)
  @Route({ endpoint: 'account', channel: 'page', body: 'form' })
  async endSessions(
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { person } = await this.#signedIn(request);
    if (!(await this.factors.mayChange(person))) throw new OAuthError('access_denied', 'stale_sign_in');
    await this.sessions.endOf(person, form.get('others') === 'yes' ? 'others' : { only: form.get('sid') ?? '' });
    this.#done(reply);
  }

  async #signedIn(request: FastifyRequest): Promise<Visitor & { readonly person: Person }> {
    const visitor = await this.visitors.of(request);
    if (!visitor.person) throw new OAuthError('access_denied', 'no_session');
    return { ...visitor, person: visitor.person };
  }

  #done(reply: FastifyReply, codes: readonly string[] = []): void {
    if (codes.length > 0) send(reply, recoveryCodesPage({ codes, next: this.pages.base }));
    else reply.redirect(`${this.settings.issuer}/account`, 303);
  }
}

function send(reply: FastifyReply, { headers, html }: RenderedPage): void {
  void reply.code(200).headers(headers).send(html);
}
