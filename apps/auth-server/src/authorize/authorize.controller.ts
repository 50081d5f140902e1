import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import type { Parameters } from '@gatehouse/protocol';
import {
  FormParameters,
  Public,
  QueryParameters,
  Route,
  ServerSettings,
  Visitors,
  formAsQuery,
} from '@gatehouse/server-kit';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Begins a journey. Until client and redirect URI are verified every refusal is a page, never a redirect. */
@Public()
@Controller('authorize')
export class AuthorizeController {
  constructor(
    private readonly authorization: AuthorizationEndpoint,
    private readonly visitors: Visitors,
    private readonly settings: ServerSettings,
  ) {}

  @Get()
  @Route({ endpoint: 'authorize', channel: 'page' })
  get(@QueryParameters() parameters: Parameters, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#begin(parameters, request, reply);
  }

  /** A form of another site comes without our cookies: the browser is asked to come again by itself, with them. */
  @Post()
  @Route({ endpoint: 'authorize', channel: 'page', body: 'form' })
  post(@FormParameters() parameters: Parameters, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const query = formAsQuery(request);
    if (!this.visitors.comesWithoutCookies(request)) return this.#begin(parameters, request, reply);
    reply.redirect(`${this.settings.issuer}/authorize?${query}`, 303);
    return undefined;
  }

  async #begin(parameters: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { browser, person } = await this.visitors.arrive(request, reply);
    const begun = await this.authorization.begin({ parameters, browser, ...(person ? { person } : {}) });
    const location =
      'location' in begun ? begun.location : `${this.settings.issuer}/interaction/${begun.interactionId}`;
    reply.redirect(location, 303);
  }
}
