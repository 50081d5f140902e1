import { type IntrospectionAnswer, IntrospectionEndpoint } from '@gatehouse/authorization-server';
import type { Parameters } from '@gatehouse/protocol';
import { FormParameters, Public, Route } from '@gatehouse/server-kit';
import { Controller, Header, Headers, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** For resource servers, which are no browsers: no CORS. */
@Public()
@Controller('introspect')
export class IntrospectionController {
  constructor(private readonly introspection: IntrospectionEndpoint) {}

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Route({ endpoint: 'introspect', channel: 'json', body: 'form' })
  async introspect(
    @FormParameters() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('authorization') authorization?: string,
    @Headers('accept') accept?: string,
  ): Promise<IntrospectionAnswer['body']> {
    const answer = await this.introspection.introspect({
      parameters,
      ...(authorization === undefined ? {} : { authorization }),
      ...(accept === undefined ? {} : { accept }),
    });
    reply.type(answer.mediaType);
    return answer.body;
  }
}
