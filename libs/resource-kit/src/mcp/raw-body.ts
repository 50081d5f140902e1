import { type OnModuleInit } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { resourceOf } from '../access/protected-route.js';

/** Room for a big argument, and not for a flood. */
const MAX_BYTES = 1024 * 1024;
/** A type of our own, so that no parser of the app can get hold of such a body. */
const UNREAD = 'application/x-gatehouse-unread';

/**
 * Bodies of MCP endpoints come to the guards as bytes, whatever they say they are: a caller without a token shall hear that
 * it needs one, not what is wrong with its JSON.
 */
export class RawBodies implements OnModuleInit {
  constructor(private readonly instance: () => FastifyInstance) {}

  onModuleInit(): void {
    const instance = this.instance();
    instance.addContentTypeParser(UNREAD, { parseAs: 'buffer', bodyLimit: MAX_BYTES }, (_request, body, done) => {
      done(null, body);
    });
    instance.addHook('onRequest', (request, _reply, done) => {
      // Laid over the headers as Fastify's parser choice sees them. The true ones stay on the raw request.
      if (resourceOf(request)) request.headers = { ...request.raw.headers, 'content-type': UNREAD };
      done();
    });
  }
}
