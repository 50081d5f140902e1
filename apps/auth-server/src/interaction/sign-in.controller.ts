import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import { SignIn } from '@gatehouse/identity';
import { networkKey } from '@gatehouse/platform';
import { FormFields, InteractionFormGuard, Public, Route, ServerSettings, Visitors } from '@gatehouse/server-kit';
import { Controller, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FailedSignInFilter } from './failed-sign-in.filter.js';

/** Sign-in knows the dispatcher and nothing of consent: afterwards the browser is sent to the next step, wherever that is. */
@Public()
@Controller('interaction')
export class SignInController {
  constructor(
    private readonly authorization: AuthorizationEndpoint,
    private readonly identity: SignIn,
    private readonly visitors: Visitors,
    private readonly settings: ServerSettings,
  ) {}

  /** A new session id and a new interaction id: whatever somebody planted or saw before is worth nothing after. */
  @Post(':id/sign-in')
  @UseGuards(InteractionFormGuard)
  @UseFilters(FailedSignInFilter)
  @Route({ endpoint: 'sign-in', channel: 'page', body: 'form' })
  async signIn(
    @Param('id') id: string,
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { browser, sessionId, knownBrowser } = await this.visitors.of(request);
    // First of all, for without a live interaction of this browser a session would be started for nothing.
    await this.authorization.step(id, browser);
    const signedIn = await this.identity.signIn({
      username: form.get('username') ?? '',
      password: form.get('password') ?? '',
      network: networkKey(request.ip),
      previousSession: sessionId,
      knownBrowser,
    });
    const { interactionId } = await this.authorization.signedIn(id, browser, signedIn.person);
    this.visitors.signedIn(reply, signedIn);
    reply.redirect(`${this.settings.issuer}/interaction/${interactionId}`, 303);
  }
}
