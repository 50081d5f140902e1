import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import { domainOf, type IdentityProvider, Providers, type SsoArrival, SsoJourney } from '@gatehouse/identity';
import { OAuthError } from '@gatehouse/protocol';
import { FormFields, InteractionFormGuard, Public, Route, ServerSettings, Visitors } from '@gatehouse/server-kit';
import { Controller, Get, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { departurePage } from '../pages/departure.page.js';
import { FailedDepartureFilter } from './failed-departure.filter.js';

/**
 * Sign-in at a company's identity provider: there, and back. Like every sign-in it is bound to one interaction of one browser,
 * and ends in a new session id and a new interaction id.
 * Costs: to leave, two round trips (interaction, login) and none to the provider once its documents are known; to arrive, a
 * login that is used up, a transaction, the interaction; and what the provider is asked: tokens, and userinfo if it has to be.
 */
@Public()
@Controller()
export class SsoController {
  constructor(
    private readonly authorization: AuthorizationEndpoint,
    private readonly journey: SsoJourney,
    private readonly providers: Providers,
    private readonly visitors: Visitors,
    private readonly settings: ServerSettings,
  ) {}

  @Post('interaction/:id/sso')
  @UseGuards(InteractionFormGuard)
  @UseFilters(FailedDepartureFilter)
  @Route({ endpoint: 'sso', channel: 'page', body: 'form' })
  async depart(
    @Param('id') id: string,
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { browser } = await this.visitors.of(request);
    // First of all, for without a live interaction of this browser there is nothing to come back to.
    const step = await this.authorization.step(id, browser);
    const email = form.get('email')?.trim() ?? '';
    const provider = await this.#chosen(form.get('provider'), email);
    const { maxAge, anew } = step.kind === 'sign-in' ? (step.wanted ?? {}) : {};
    const hint = domainOf(email) === undefined ? (step.kind === 'sign-in' ? step.username : undefined) : email;
    const { location } = await this.journey.depart({
      interactionId: id,
      browser,
      provider: provider.id,
      ...(hint === undefined ? {} : { loginHint: hint }),
      ...(maxAge === undefined ? {} : { maxAge }),
      ...(anew === undefined ? {} : { anew }),
    });
    const { headers, html } = departurePage({ name: provider.name, location });
    void reply.code(200).headers(headers).send(html);
  }

  @Get('sso/:provider/callback')
  @Route({ endpoint: 'sso-callback', channel: 'page' })
  async arrive(
    @Param('provider') provider: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { browser, sessionId } = await this.visitors.of(request);
    const url = `${this.settings.issuer}${request.url.slice(request.url.indexOf('/sso/'))}`;
    await this.#goOn(await this.journey.arrive({ provider, url, browser, previousSession: sessionId }), browser, reply);
  }

  /** From another site, so without cookies: nobody is signed in by it. */
  @Post('sso/:provider/acs')
  @Route({ endpoint: 'sso-callback', channel: 'page', body: 'form' })
  async receive(
    @Param('provider') provider: string,
    @FormFields() form: URLSearchParams,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const url = `${this.settings.issuer}/sso/${provider}/acs`;
    const { ticket } = await this.journey.receive({ provider, url, form });
    reply.redirect(`${this.settings.issuer}/sso/continue?ticket=${encodeURIComponent(ticket)}`, 303);
  }

  @Get('sso/continue')
  @Route({ endpoint: 'sso-callback', channel: 'page' })
  async continue(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { browser, sessionId } = await this.visitors.of(request);
    const ticket = new URL(request.url, this.settings.issuer).searchParams.get('ticket') ?? '';
    await this.#goOn(await this.journey.continue({ ticket, browser, previousSession: sessionId }), browser, reply);
  }

  async #goOn({ interactionId, signedIn }: SsoArrival, browser: string, reply: FastifyReply): Promise<void> {
    const next = await this.authorization.signedIn(interactionId, browser, signedIn.person);
    this.visitors.signedIn(reply, signedIn);
    reply.redirect(`${this.settings.issuer}/interaction/${next.interactionId}`, 303);
  }

  /** @throws OAuthError invalid_request (unknown_provider) */
  async #chosen(id: string | null, email: string): Promise<IdentityProvider> {
    const provider =
      id === null
        ? await this.providers.forEmail(email)
        : (await this.providers.enabled()).find((each) => each.id === id);
    if (!provider) throw new OAuthError('invalid_request', 'unknown_provider');
    return provider;
  }
}
