import { PushedRequestEndpoint, type PushedRequestResponse } from '@gatehouse/authorization-server';
import type { Parameters } from '@gatehouse/protocol';
import { FormParameters, Proofs, Public, Route } from '@gatehouse/server-kit';
import { Controller, Header, Headers, Post } from '@nestjs/common';

@Public()
@Controller('par')
export class PushedRequestController {
  constructor(private readonly requests: PushedRequestEndpoint) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @Route({ endpoint: 'par', channel: 'json', body: 'form', crossOrigin: true, takesProofs: true })
  push(
    @FormParameters() parameters: Parameters,
    @Proofs() proofs: readonly string[],
    @Headers('authorization') authorization?: string,
  ): Promise<PushedRequestResponse> {
    return this.requests.push({ parameters, proofs, ...(authorization === undefined ? {} : { authorization }) });
  }
}
