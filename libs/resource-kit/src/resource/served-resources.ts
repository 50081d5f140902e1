import {
  type ProtectedResourceMetadata,
  protectedResourceMetadata,
  protectedResourceMetadataUrl,
} from '@gatehouse/metadata';
import type { ResourceIdentifier } from '@gatehouse/protocol';
import type { Resource } from './resource.js';

export interface ServedResource {
  readonly resource: Resource;
  readonly identifier: ResourceIdentifier;
  readonly metadataUrl: string;
  readonly metadata: ProtectedResourceMetadata;
}

/** The resources at the URL by which clients know them. All from configuration: `Host` and `X-Forwarded-*` have no say. */
export class ServedResources {
  readonly all: readonly ServedResource[];

  /** @throws TypeError for two resources at one path */
  constructor(resources: readonly Resource[], { publicUrl, issuer }: { publicUrl: string; issuer: string }) {
    this.all = resources.map((resource) => {
      const identifier = resource.identifier(publicUrl);
      return {
        resource,
        identifier,
        metadataUrl: protectedResourceMetadataUrl(identifier),
        metadata: protectedResourceMetadata({
          identifier,
          issuer,
          name: resource.name,
          scopes: resource.defaultScopes,
          ...(resource.documentation === undefined ? {} : { documentation: resource.documentation }),
        }),
      };
    });
    if (new Set(this.all.map(({ identifier }) => identifier)).size !== this.all.length)
      throw new TypeError('two resources have one path');
  }

  of(resource: Resource): ServedResource {
    const served = this.all.find((candidate) => candidate.resource === resource);
    if (!served) throw new TypeError(`${resource.path} is not served here`);
    return served;
  }
}
