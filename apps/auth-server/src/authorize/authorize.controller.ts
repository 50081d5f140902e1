import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import type { Parameters } from '@gatehouse/protocol';
import { FormParameters, Public, QueryParameters, Route, ServerSettings, Visitors } from '@gatehouse/server-kit';
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

  @Post()
  @Route({ endpoint: 'authorize', channel: 'page', body: 'form' })
  post(@FormParameters() parameters: Parameters, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#begin(parameters, request, reply);
  }

  async #begin(parameters: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { browser, person } = await this.visitors.arrive(request, reply);
    const { interactionId } = await this.authorization.start({ parameters, browser, ...(person ? { person } : {}) });
    reply.redirect(`${this.settings.issuer}/interaction/${interactionId}`, 303);
  }
}
