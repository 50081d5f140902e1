import { UserCodeEntry } from '@gatehouse/authorization-server';
import type { RenderedPage } from '@gatehouse/pages';
import { networkKey } from '@gatehouse/platform';
import type { Parameters } from '@gatehouse/protocol';
import {
  FormFields,
  InteractionFormGuard,
  Public,
  QueryParameters,
  Route,
  ServerSettings,
  Visitors,
} from '@gatehouse/server-kit';
import { Controller, Get, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deviceDonePage } from '../pages/device-done.page.js';
import { FailedUserCodeFilter } from './failed-user-code.filter.js';

/** Where a person comes who was shown a code on a device. Once the code is known it is a journey like any other. */
@Public()
@Controller()
export class DeviceController {
  constructor(
    private readonly codes: UserCodeEntry,
    private readonly visitors: Visitors,
    private readonly settings: ServerSettings,
  ) {}

  /** With or without the code: a complete link fills the form in and sends nothing. */
  @Get('device')
  @Route({ endpoint: 'device', channel: 'page' })
  async begin(
    @QueryParameters() parameters: Parameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { browser, person } = await this.visitors.arrive(request, reply);
    const userCode = parameters.get('user_code');
    const { interactionId } = await this.codes.start({
      browser,
      ...(person ? { person } : {}),
      ...(userCode === undefined ? {} : { userCode }),
    });
    reply.redirect(`${this.settings.issuer}/interaction/${interactionId}`, 303);
  }

  @Post('interaction/:id/user-code')
  @UseGuards(InteractionFormGuard)
  @UseFilters(FailedUserCodeFilter)
  @Route({ endpoint: 'user-code', channel: 'page', body: 'form' })
  async enter(
    @Param('id') id: string,
    @FormFields() form: URLSearchParams,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { browser, person } = await this.visitors.of(request);
    const typed = form.get('user_code') ?? '';
    await this.codes.enter({ interactionId: id, browser, person, network: networkKey(request.ip), typed });
    reply.redirect(`${this.settings.issuer}/interaction/${id}`, 303);
  }

  @Get('device/approved')
  @Route({ endpoint: 'device', channel: 'page' })
  approved(@Res() reply: FastifyReply): void {
    send(reply, deviceDonePage({ approved: true }));
  }

  @Get('device/denied')
  @Route({ endpoint: 'device', channel: 'page' })
  denied(@Res() reply: FastifyReply): void {
    send(reply, deviceDonePage({ approved: false }));
  }
}

function send(reply: FastifyReply, { headers, html }: RenderedPage): void {
  void reply.headers(headers).send(html);
}
