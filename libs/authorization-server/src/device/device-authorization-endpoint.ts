import { after, type Clock, newSecret, OAuthError, tokenHash } from '@gatehouse/protocol';
import type { RequestChecks } from '../authorize/request-checks.js';
import type { ClientAuthentication } from '../clients/client-authentication.js';
import { DEVICE_CODE_GRANT } from '../clients/client.js';
import type { AuthenticatedRequest } from '../clients/presented-credentials.js';
import type { ServerPolicy } from '../server-policy.js';
import type { DeviceAuthorizationStore } from './device-authorization.store.js';
import type { UserCodes } from './user-code.js';

/** @spec RFC 8628 §3.2 */
export interface DeviceAuthorizationResponse {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** More than these in a row already taken: not chance, but something broken. */
const MOST_TRIES = 5;

/**
 * A device without a browser asks for a code to show to its person. It gets two: a long one to poll with, which only it
 * knows, and a short one for the person. What the client may not ask for is refused here, before anybody is bothered.
 * Costs the client's authentication, the resources (cached) and one write.
 * @spec RFC 8628 §3.1, §3.2
 */
export class DeviceAuthorizationEndpoint {
  constructor(
    private readonly by: {
      readonly issuer: string;
      readonly policy: ServerPolicy;
      readonly clock: Clock;
      readonly clients: ClientAuthentication;
      readonly checks: RequestChecks;
      readonly devices: DeviceAuthorizationStore;
      readonly userCodes: UserCodes;
    },
  ) {}

  /** @param request.network where the device asks from, as it is shown to the person */
  async begin(request: AuthenticatedRequest & { readonly network: string }): Promise<DeviceAuthorizationResponse> {
    const { parameters, network } = request;
    const client = await this.by.clients.authenticate(request);
    if (!client.grantTypes.includes(DEVICE_CODE_GRANT))
      throw new OAuthError('unauthorized_client', 'grant_type_not_registered');
    const { resource, scopes } = await this.by.checks.target(client, parameters);

    const { issuer, policy } = this.by;
    const now = this.by.clock.now();
    const deviceCode = newSecret('ghd_');
    const asked = { clientId: client.id, resource: resource.identifier, scopes };
    const userCode = await this.#store({
      ...asked,
      code: tokenHash(deviceCode),
      network,
      createdAt: now,
      expiresAt: after(now, policy.deviceCodeLifetime),
      interval: policy.devicePollInterval,
    });
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${userCode}`,
      expires_in: policy.deviceCodeLifetime,
      interval: policy.devicePollInterval,
    };
  }

  async #store(device: Omit<Parameters<DeviceAuthorizationStore['begin']>[0], 'userCode'>): Promise<string> {
    const { clientId, resource, scopes, createdAt } = device;
    const audit = { type: 'device.started', at: createdAt, clientId, resource, scopes } as const;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const userCode = this.by.userCodes.newCode();
      if (await this.by.devices.begin({ ...device, userCode: this.by.userCodes.hash(userCode) }, audit))
        return userCode;
    }
    throw new OAuthError('temporarily_unavailable', 'unexpected');
  }
}
