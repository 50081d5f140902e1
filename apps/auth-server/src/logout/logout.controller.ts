import { type Destination, LOGOUT_PARAMETERS, LogoutEndpoint } from '@gatehouse/authorization-server';
import { pathOf } from '@gatehouse/metadata';
import type { RenderedPage } from '@gatehouse/pages';
import type { Parameters } from '@gatehouse/protocol';
import {
  FormParameters,
  InteractionFormGuard,
  Public,
  QueryParameters,
  Route,
  ServerSettings,
  Visitors,
  csrfToken,
  formAsQuery,
} from '@gatehouse/server-kit';
import { Controller, Get, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { logoutPage, signedOutPage, stillSignedInPage } from '../pages/logout.page.js';

/** What the form is bound to, instead of an interaction. */
const FORM = 'logout';

/**
 * Signing out: at the wish of a client, or of a person who came by a link of ours. Whether to ask first is the core's to say.
 * Costs the session's read, with a hint the client's, and one statement that ends it.
 */
@Public()
@Controller('logout')
export class LogoutController {
  readonly #base: string;

  constructor(
    private readonly logout: LogoutEndpoint,
    private readonly visitors: Visitors,
    private readonly settings: ServerSettings,
  ) {
    this.#base = `${pathOf(settings.issuer)}/logout`;
  }

  @Get()
  @Route({ endpoint: 'logout', channel: 'page' })
  get(@QueryParameters() parameters: Parameters, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#begin(parameters, request, reply);
  }

  /** A form of another site comes without our cookies: the browser is asked to come again by itself, with them. */
  @Post()
  @Route({ endpoint: 'logout', channel: 'page', body: 'form' })
  post(@FormParameters() parameters: Parameters, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const query = formAsQuery(request);
    if (!this.visitors.comesWithoutCookies(request)) return this.#begin(parameters, request, reply);
    reply.redirect(`${this.settings.issuer}/logout?${query}`, 303);
    return undefined;
  }

  @Post('confirm')
  @UseGuards(InteractionFormGuard)
  @Route({ endpoint: FORM, channel: 'page', body: 'form' })
  async confirm(
    @FormParameters() parameters: Parameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { person } = await this.visitors.of(request);
    const { destination } = await this.logout.step(parameters, person);
    // Whatever is not an explicit yes is a no.
    if (parameters.get('decision') !== 'sign-out') {
      send(reply, stillSignedInPage());
      return;
    }
    await this.visitors.signOut(request, reply);
    leave(reply, destination);
  }

  async #begin(parameters: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { browser, person } = await this.visitors.arrive(request, reply);
    const step = await this.logout.step(parameters, person);
    if (step.kind === 'offer') {
      send(reply, signedOutPage(step.destination));
      return;
    }
    if (step.kind !== 'confirm') {
      if (step.kind === 'end') await this.visitors.signOut(request, reply);
      leave(reply, step.destination);
      return;
    }
    const page = logoutPage({
      personName: person?.displayName ?? '',
      clientName: step.clientName,
      destination: step.destination,
      action: `${this.#base}/confirm`,
      csrf: csrfToken(browser, FORM),
      fields: step.destination
        ? LOGOUT_PARAMETERS.flatMap((name) => parameters.getAll(name).map((value) => [name, value] as const))
        : [],
    });
    send(reply, page);
  }
}

function leave(reply: FastifyReply, destination: Destination | undefined): void {
  if (destination) reply.redirect(destination.location, 303);
  else send(reply, signedOutPage());
}

function send(reply: FastifyReply, { headers, html }: RenderedPage): void {
  void reply.code(200).headers(headers).send(html);
}
