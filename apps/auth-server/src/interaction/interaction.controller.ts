import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import { FormFields, InteractionFormGuard, Public, Route, ServerSettings, Visitors } from '@gatehouse/server-kit';
import { Controller, Get, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Departures } from './departures.js';
import { InteractionPages } from './interaction-pages.js';

/**
 * The pages of one journey. Who is at the other end is asked anew at every step; the id in the URL is worth something in
 * the browser that began only.
 */
@Public()
@Controller('interaction')
export class InteractionController {
  constructor(
    private readonly authorization: AuthorizationEndpoint,
    private readonly visitors: Visitors,
    private readonly pages: InteractionPages,
    private readonly departures: Departures,
    private readonly settings: ServerSettings,
  ) {}

  @Get(':id')
  @Route({ endpoint: 'interaction', channel: 'page' })
  async show(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const visitor = await this.visitors.of(request);
    const step = await this.authorization.step(id, visitor.browser, visitor.person);
    if (step.kind === 'redirect') this.departures.leave(step, request, reply);
    else await this.pages.show(reply, id, step, visitor);
  }

  @Post(':id/consent')
  @UseGuards(InteractionFormGuard)
  @Route({ endpoint: 'consent', channel: 'page', body: 'form' })
  async decide(
    @Param('id') id: string,
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { browser, person } = await this.visitors.of(request);
    // Whatever is not an explicit yes is a no.
    const decision =
      form.get('decision') === 'approve'
        ? ({ approve: true, scopes: form.getAll('scope') } as const)
        : ({ approve: false } as const);
    this.departures.leave(await this.authorization.decide(id, browser, person, decision), request, reply);
  }

  @Post(':id/refusal')
  @UseGuards(InteractionFormGuard)
  @Route({ endpoint: 'refusal', channel: 'page', body: 'form' })
  async goBack(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { browser, person } = await this.visitors.of(request);
    this.departures.leave(await this.authorization.deliverRefusal(id, browser, person), request, reply);
  }

  @Post(':id/switch-account')
  @UseGuards(InteractionFormGuard)
  @Route({ endpoint: 'switch-account', channel: 'page', body: 'form' })
  async switchAccount(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.visitors.signOut(request, reply);
    reply.redirect(`${this.settings.issuer}/interaction/${id}`, 303);
  }
}
