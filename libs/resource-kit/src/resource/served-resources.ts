import { DPOP_ALGORITHMS } from '@gatehouse/dpop';
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

interface ServingOptions {
  readonly publicUrl: string;
  readonly issuer: string;
  readonly dpop?: { readonly required?: boolean | undefined };
}

/** The resources at the URL by which clients know them. All from configuration: `Host` and `X-Forwarded-*` have no say. */
export class ServedResources {
  readonly all: readonly ServedResource[];

  /** @throws TypeError for two resources at one path */
  constructor(resources: readonly Resource[], { publicUrl, issuer, dpop }: ServingOptions) {
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
          dpop: { algorithms: DPOP_ALGORITHMS, required: dpop?.required === true },
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
