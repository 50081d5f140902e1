import { AuthorizationEndpoint } from '@gatehouse/authorization-server';
import { BY_PASSWORD, SignIn } from '@gatehouse/identity';
import { networkKey } from '@gatehouse/platform';
import { satisfies } from '@gatehouse/protocol';
import { FormFields, InteractionFormGuard, Public, Route, ServerSettings, Visitors } from '@gatehouse/server-kit';
import { Controller, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { visitAt } from '../account/sign-in-place.js';
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
    const visitor = await this.visitors.of(request);
    const { browser } = visitor;
    // First of all, for without a live interaction of this browser a session would be started for nothing.
    const step = await this.authorization.step(id, browser);
    const visit = visitAt({ interaction: id }, visitor, request);
    const signedIn = await this.identity.signIn({
      ...visit,
      username: form.get('username') ?? '',
      password: form.get('password') ?? '',
      network: networkKey(request.ip),
      at: { ...visit, strong: step.kind === 'sign-in' && !satisfies(BY_PASSWORD.acr, step.wanted?.levels ?? []) },
    });
    // Nobody is signed in yet; what the browser has is the way to the second step.
    if (signedIn === 'second_step') {
      reply.redirect(`${this.settings.issuer}/interaction/${id}/second-factor`, 303);
      return;
    }
    const { interactionId } = await this.authorization.signedIn(id, browser, signedIn.person);
    this.visitors.signedIn(reply, signedIn);
    reply.redirect(`${this.settings.issuer}/interaction/${interactionId}`, 303);
  }
}
