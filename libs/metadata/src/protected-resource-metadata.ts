import type { ResourceIdentifier } from '@gatehouse/protocol';

export interface ProtectedResourceMetadata {
  readonly resource: ResourceIdentifier;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly ['header'];
  readonly resource_name: string;
  readonly resource_documentation?: string;
  readonly dpop_signing_alg_values_supported?: readonly string[];
  readonly dpop_bound_access_tokens_required?: true;
}

/** `scopes` are the minimal ones for basic use, not the catalogue. Empty members are left out. @spec RFC 9728 §2, §3.2 */
export function protectedResourceMetadata(resource: {
  readonly identifier: ResourceIdentifier;
  readonly issuer: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly documentation?: string;
  /** What proofs of possession may be signed with, and whether there is no way without one. */
  readonly dpop?: { readonly algorithms: readonly string[]; readonly required: boolean };
}): ProtectedResourceMetadata {
  return {
    resource: resource.identifier,
    authorization_servers: [resource.issuer],
    ...(resource.scopes.length > 0 ? { scopes_supported: resource.scopes } : {}),
    bearer_methods_supported: ['header'],
    resource_name: resource.name,
    ...(resource.documentation === undefined ? {} : { resource_documentation: resource.documentation }),
    ...(resource.dpop === undefined ? {} : { dpop_signing_alg_values_supported: resource.dpop.algorithms }),
    ...(resource.dpop?.required === true ? { dpop_bound_access_tokens_required: true } : {}),
  };
}
