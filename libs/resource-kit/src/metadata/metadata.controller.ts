import { originOf, protectedResourceMetadataUrl } from '@gatehouse/metadata';
import { Controller, Get, Header, Options, Res, type Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/public.decorator.js';
import type { Resource } from '../resource/resource.js';
import { ServedResources } from '../resource/served-resources.js';

/** Well below the hour that clients are advised to stay under, so that a new issuer is found soon. */
const MAX_AGE = 300;

/**
 * The metadata document of one resource, at the well-known URL made from its path. Each has its own; there is none at the
 * root, for no resource lives there.
 * @spec RFC 9728 §3
 */
export function metadataController(resource: Resource): Type {
  // Only the path counts here; the origin is configuration.
  const url = protectedResourceMetadataUrl(resource.identifier('https://origin.invalid'));

  @Controller(url.slice(originOf(url).length))
  @Public()
  class MetadataController {
    constructor(private readonly resources: ServedResources) {}

    @Get()
    @Header('access-control-allow-origin', '*')
    @Header('cache-control', `public, max-age=${MAX_AGE}`)
    metadata(): object {
      return this.resources.of(resource).metadata;
    }

    /** The official client sends MCP-Protocol-Version with its metadata requests, so browsers ask first. */
    @Options()
    preflight(@Res() reply: FastifyReply): void {
      void reply
        .header('access-control-allow-origin', '*')
        .header('access-control-allow-methods', 'GET')
        .header('access-control-allow-headers', 'MCP-Protocol-Version, Accept, Content-Type')
        .header('access-control-max-age', '600')
        .code(204)
        .send();
    }
  }
  return MetadataController;
}
