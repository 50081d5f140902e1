import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import { OAuthError, type Parameters } from '@gatehouse/protocol';
import {
  FormParameters,
  Public,
  QueryParameters,
  Route,
  ServerSettings,
  Visitors,
  formFields,
} from '@gatehouse/server-kit';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Of a request, as a URL: half of what Node reads as a header. One that comes as a form and needs no URL is held to it too:
 * it is stored by whoever asks, and its `state` has to fit into the URL of the answer.
 */
const LONGEST_QUERY = 8192;

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
    const query = this.#queryOf(request);
    if (!this.visitors.comesWithoutCookies(request)) return this.#begin(parameters, request, reply);
    reply.redirect(`${this.settings.issuer}/authorize?${query}`, 303);
    return undefined;
  }

  #queryOf(request: FastifyRequest): string {
    const query = formFields(request).toString();
    if (query.length > LONGEST_QUERY) throw new OAuthError('invalid_request', 'oversized_request', { status: 413 });
    return query;
  }

  async #begin(parameters: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { browser, person } = await this.visitors.arrive(request, reply);
    const { interactionId } = await this.authorization.start({ parameters, browser, ...(person ? { person } : {}) });
    reply.redirect(`${this.settings.issuer}/interaction/${interactionId}`, 303);
  }
}
