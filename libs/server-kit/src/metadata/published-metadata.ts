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
   * Scopes are those granted by default: some clients ask for the whole list, and would ask a person for everything at
   * once. What else there is, a resource names in its challenge when it is needed.
   * @spec RFC 8414 §2 (a server may choose not to advertise some)
   */
  async document(): Promise<AuthorizationServerMetadata> {
    const enabled = (await this.resources.list()).filter(({ disabledAt }) => disabledAt === undefined);
    return authorizationServerMetadata({
      issuer: this.issuer,
      scopes: union(...enabled.map(({ defaultScopes }) => defaultScopes)),
      resources: enabled.map(({ identifier }) => identifier),
    });
  }
}
