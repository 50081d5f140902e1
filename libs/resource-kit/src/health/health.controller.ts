import { Health } from '@gatehouse/platform';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/public.decorator.js';

/** `live`: the process answers. `ready`: it has the issuer's keys, so it can tell good tokens from bad ones. */
@Controller('health')
@Public()
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get('live')
  live(): object {
    return { live: true };
  }

  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const report = await this.health.report();
    void reply.code(report.ready ? 200 : 503).send(report);
  }
}
