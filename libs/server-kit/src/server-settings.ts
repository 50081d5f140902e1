import type { ClientTrustPolicy, KeyPolicy, ServerPolicy } from '@gatehouse/authorization-server';
import type { AttemptLimit, SecondFactorRule, SignInPolicy } from '@gatehouse/identity';
import type { ResourceIdentifier } from '@gatehouse/protocol';
import type { UserCodeLimits } from './device/counted-user-codes.js';

/** What the cores need to know of the app's configuration. Provided by the app. */
export abstract class ServerSettings {
  abstract readonly issuer: string;
  abstract readonly policy: ServerPolicy;
  abstract readonly trust: ClientTrustPolicy;
  abstract readonly signInPolicy: SignInPolicy;
  /** For accounts with a password of this server. */
  abstract readonly secondFactor: SecondFactorRule;
  abstract readonly userCodeLimits: UserCodeLimits;
  /** New clients from one network; those that are known already do not count. */
  abstract readonly registrationLimit: AttemptLimit;
  abstract readonly keyPolicy: KeyPolicy;
  abstract readonly defaultResource?: ResourceIdentifier;
}
