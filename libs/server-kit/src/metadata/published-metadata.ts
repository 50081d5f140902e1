import {
  type AuthorizationServerMetadata,
  type ClientTrustPolicy,
  type ResourceStore,
  type ServerPolicy,
  authorizationServerMetadata,
  isOwnResource,
  userinfoResource,
} from '@gatehouse/authorization-server';
import { union } from '@gatehouse/scopes';

/** The metadata document as it stands now: what is enabled is listed. */
export class PublishedMetadata {
  constructor(
    private readonly of: {
      readonly issuer: string;
      readonly trust: ClientTrustPolicy;
      readonly levels: readonly string[];
      readonly policy: Pick<ServerPolicy, 'registration' | 'requirePushedRequests' | 'deviceAuthorization'>;
    },
    private readonly resources: ResourceStore,
  ) {}

  /**
   * Every scope of every resource. Clients that follow MCP take theirs from a challenge or from the resource's own metadata,
   * which name the least; those that ask for this whole list, and do not know step-up, get a consent page on which the
   * person chooses.
   * @spec RFC 8414 §2
   */
  async document(): Promise<AuthorizationServerMetadata> {
    const enabled = (await this.resources.list()).filter(({ disabledAt }) => disabledAt === undefined);
    // What this server is itself is no place that clients find by looking.
    const listed = enabled.filter((resource) => !isOwnResource(resource));
    const { identifier: userinfo } = userinfoResource(this.of.issuer);
    return authorizationServerMetadata({
      issuer: this.of.issuer,
      registration: this.of.policy.registration !== 'closed',
      requirePushedRequests: this.of.policy.requirePushedRequests,
      deviceAuthorization: this.of.policy.deviceAuthorization,
      clientDocuments: this.of.trust.registration !== 'closed',
      scopes: union(...listed.map(({ scopes }) => scopes.map(({ name }) => name))),
      identity: enabled.some(({ identifier }) => identifier === userinfo),
      levels: this.of.levels,
      resources: listed.map(({ identifier }) => identifier),
    });
  }
}
