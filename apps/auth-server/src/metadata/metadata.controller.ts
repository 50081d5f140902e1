import type { AuthorizationServerMetadata } from '@gatehouse/authorization-server';
import { authorizationServerMetadataUrls, originOf } from '@gatehouse/metadata';
import { PublishedMetadata, Public, Route } from '@gatehouse/server-kit';
import { Controller, Get, Header, type Type } from '@nestjs/common';

/**
 * One document at all addresses where clients look for it. The addresses follow from the issuer and lie outside its path,
 * so the controller is made for it; every other well-known address is a 404.
 * @spec RFC 8414 §3, §3.1
 */
export function metadataController(issuer: string): Type {
  const addresses = authorizationServerMetadataUrls(issuer).map((url) => url.slice(originOf(issuer).length));

  @Public()
  @Controller()
  class MetadataController {
    constructor(private readonly metadata: PublishedMetadata) {}

    @Get(addresses)
    @Header('Cache-Control', 'public, max-age=300')
    @Route({ endpoint: 'metadata', channel: 'json', crossOrigin: true })
    document(): Promise<AuthorizationServerMetadata> {
      return this.metadata.document();
    }
  }
  return MetadataController;
}
