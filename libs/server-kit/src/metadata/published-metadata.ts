import {
  type AuthorizationServerMetadata,
  type ResourceStore,
  authorizationServerMetadata,
} from '@gatehouse/authorization-server';
import { union } from '@gatehouse/scopes';

/** The metadata document as it stands now: what is enabled is listed. */
export class PublishedMetadata {
  constructor(
    private readonly issuer: string,
    private readonly resources: ResourceStore,
  ) {}

  /**
   * Scopes that are granted by default come first: some clients ask for the whole list, and show it in this order.
   */
  async document(): Promise<AuthorizationServerMetadata> {
    const enabled = (await this.resources.list()).filter(({ disabledAt }) => disabledAt === undefined);
    return authorizationServerMetadata({
      issuer: this.issuer,
      scopes: union(
        ...enabled.map(({ defaultScopes }) => defaultScopes),
        ...enabled.map(({ scopes }) => scopes.map(({ name }) => name)),
      ),
      resources: enabled.map(({ identifier }) => identifier),
    });
  }
}
