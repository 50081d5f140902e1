import { ownResources } from '@gatehouse/authorization-server';
import {
  originOf,
  type ProtectedResourceMetadata,
  protectedResourceMetadata,
  protectedResourceMetadataUrl,
} from '@gatehouse/metadata';
import { OAuthError } from '@gatehouse/protocol';
import { Public, Route } from '@gatehouse/server-kit';
import { Controller, Get, Header, Req, type Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/**
 * What the resources of this server say of themselves, at the addresses that their challenges name. They follow from the
 * issuer, as those of its own metadata do.
 * @spec RFC 9728 §3
 */
export function ownResourceMetadataController(issuer: string): Type {
  const documents = new Map(
    ownResources(issuer).map(({ identifier, name, scopes }) => [
      protectedResourceMetadataUrl(identifier).slice(originOf(issuer).length),
      protectedResourceMetadata({ identifier, issuer, name, scopes: scopes.map((scope) => scope.name) }),
    ]),
  );

  @Public()
  @Controller()
  class OwnResourceMetadataController {
    @Get([...documents.keys()])
    @Header('Cache-Control', 'public, max-age=300')
    @Route({ endpoint: 'resource-metadata', channel: 'json', crossOrigin: true })
    document(@Req() request: FastifyRequest): ProtectedResourceMetadata {
      const document = documents.get(request.routeOptions.url ?? '');
      if (!document) throw new OAuthError('server_error', 'unexpected');
      return document;
    }
  }
  return OwnResourceMetadataController;
}
