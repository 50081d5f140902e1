import type { Ended } from '@gatehouse/authorization-server';
import { RefusalRecord, refusalByRedirect } from '@gatehouse/server-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The way out of a journey. One that is refused leaves by redirect too, and is written down like every other refusal. */
@Injectable()
export class Departures {
  constructor(private readonly record: RefusalRecord) {}

  leave({ location, refusal }: Ended, request: FastifyRequest, reply: FastifyReply): void {
    if (refusal) this.record.refused(request.routeOptions.config.endpoint, refusalByRedirect(refusal), request.id);
    reply.redirect(location, 303);
  }
}
