import type { ServerPolicy } from '@gatehouse/authorization-server';
import type { ResourceIdentifier } from '@gatehouse/protocol';

/** What the core needs to know of the app's configuration. Provided by the app. */
export abstract class ServerSettings {
  abstract readonly issuer: string;
  abstract readonly policy: ServerPolicy;
  abstract readonly defaultResource?: ResourceIdentifier;
}
