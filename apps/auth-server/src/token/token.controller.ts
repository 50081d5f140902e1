import { type TokenResponse, TokenEndpoint } from '@gatehouse/authorization-server';
import type { Parameters } from '@gatehouse/protocol';
import { FormParameters, Proofs, Public, Route } from '@gatehouse/server-kit';
import { Controller, Header, Headers, HttpCode, Post } from '@nestjs/common';
import { IssuedTokens } from './issued-tokens.js';

@Public()
@Controller('token')
export class TokenController {
  constructor(
    private readonly tokens: TokenEndpoint,
    private readonly issued: IssuedTokens,
  ) {}

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @Route({ endpoint: 'token', channel: 'json', body: 'form', crossOrigin: true, takesProofs: true })
  async issue(
    @FormParameters() parameters: Parameters,
    @Proofs() proofs: readonly string[],
    @Headers('authorization') authorization?: string,
  ): Promise<TokenResponse> {
    const tokens = await this.tokens.handle({
      parameters,
      proofs,
      ...(authorization === undefined ? {} : { authorization }),
    });
    this.issued.count(parameters.get('grant_type'));
    return tokens;
  }
}
