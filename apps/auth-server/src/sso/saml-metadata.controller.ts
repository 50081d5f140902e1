import { Connectors, Providers, SsoJourney, SsoProblem } from '@gatehouse/identity';
import { SamlConnector } from '@gatehouse/sso';
import { OAuthError } from '@gatehouse/protocol';
import { Public, Route } from '@gatehouse/server-kit';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/**
 * What an identity provider has to know of us: name, address, certificates. Its address is our name there. Nothing in it is
 * secret. Costs no round trip (providers are kept for seconds) and no signature: an operator hands it over, or it is read by https.
 */
@Public()
@Controller('sso')
export class SamlMetadataController {
  constructor(
    private readonly providers: Providers,
    private readonly connectors: Connectors,
    private readonly journey: SsoJourney,
  ) {}

  @Get(':provider/metadata')
  @Route({ endpoint: 'sso-metadata', channel: 'page' })
  async show(@Param('provider') id: string, @Res() reply: FastifyReply): Promise<void> {
    const provider = await this.providers.configured(id);
    if (provider.kind !== 'saml') throw new OAuthError('invalid_request', 'unknown_provider');
    const connector = this.connectors.of(provider.kind);
    if (!(connector instanceof SamlConnector)) throw new SsoProblem('provider_misconfigured');
    const xml = connector.serviceProviderMetadata(provider, this.journey.callback(provider));
    void reply
      .headers({
        'content-type': 'application/samlmetadata+xml; charset=utf-8',
        'content-disposition': `attachment; filename="${provider.id}-metadata.xml"`,
        'cache-control': 'max-age=300',
        'x-content-type-options': 'nosniff',
      })
      .send(xml);
  }
}
