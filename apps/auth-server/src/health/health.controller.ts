import { Health, type HealthReport } from '@gatehouse/platform';
import { Public, Route } from '@gatehouse/server-kit';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  /** The process runs. Says nothing of its dependencies: restarting it would not bring them back. */
  @Get('live')
  @Route({ endpoint: 'health', channel: 'json' })
  live(): { readonly live: true } {
    return { live: true };
  }

  @Get('ready')
  @Route({ endpoint: 'health', channel: 'json' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    const report = await this.health.report();
    void reply.code(report.ready ? 200 : 503);
    return report;
  }
}
