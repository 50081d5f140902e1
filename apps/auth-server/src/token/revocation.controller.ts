import { RevocationEndpoint } from '@gatehouse/authorization-server';
import type { Parameters } from '@gatehouse/protocol';
import { FormParameters, Public, Route } from '@gatehouse/server-kit';
import { Controller, Header, Headers, HttpCode, Post } from '@nestjs/common';

@Public()
@Controller('revoke')
export class RevocationController {
  constructor(private readonly revocation: RevocationEndpoint) {}

  /** 200 also for a token that nobody knows. @spec RFC 7009 §2.2 */
  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Route({ endpoint: 'revoke', channel: 'json', body: 'form', crossOrigin: true })
  revoke(@FormParameters() parameters: Parameters, @Headers('authorization') authorization?: string): Promise<void> {
    return this.revocation.revoke({ parameters, ...(authorization === undefined ? {} : { authorization }) });
  }
}
