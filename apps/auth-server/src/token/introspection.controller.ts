import { type IntrospectionResponse, IntrospectionEndpoint } from '@gatehouse/authorization-server';
import type { Parameters } from '@gatehouse/protocol';
import { FormParameters, Public, Route } from '@gatehouse/server-kit';
import { Controller, Header, Headers, HttpCode, Post } from '@nestjs/common';

/** For resource servers, which are no browsers: no CORS. */
@Public()
@Controller('introspect')
export class IntrospectionController {
  constructor(private readonly introspection: IntrospectionEndpoint) {}

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Route({ endpoint: 'introspect', channel: 'json', body: 'form' })
  introspect(
    @FormParameters() parameters: Parameters,
    @Headers('authorization') authorization?: string,
  ): Promise<IntrospectionResponse> {
    return this.introspection.introspect({ parameters, ...(authorization === undefined ? {} : { authorization }) });
  }
}
