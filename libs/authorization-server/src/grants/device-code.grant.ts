import { OAuthError, sameResource, type TokenHash, tokenHash } from '@gatehouse/protocol';
import { trustedStanding } from '../access/trusted-standing.js';
import type { Authorization, KeyBinding } from '../authorizations/authorization.js';
import { birthOf, scopesAtBirth } from '../authorizations/birth.js';
import type { ClientTrustPolicy } from '../clients/client-trust.js';
import { type Client, DEVICE_CODE_GRANT } from '../clients/client.js';
import type { DeviceAuthorization, DeviceDecision } from '../device/device-authorization.js';
import type { DeviceAuthorizationStore } from '../device/device-authorization.store.js';
import { bindingDetail, familyBinding } from '../dpop/key-binding.js';
import { identityOf } from '../openid/id-token.js';
import { requestedResource } from '../resources/requested-resource.js';
import type { ServerPolicy } from '../server-policy.js';
import { Grant, type GrantRequest, type PreparedGrant } from './grant.js';

/**
 * A device asks whether its person has decided. Each poll is counted and settled in the one statement that also reads the
 * device, so parallel polls cannot all be in time. Of several polls after the approval one gets tokens; the others are
 * refused and end nothing: only the client ever held the device code, no redirect carried it, and a device that repeats
 * itself is no thief.
 * Costs one store call a poll, and one write at the end.
 * @spec RFC 8628 §3.4, §3.5
 */
export class DeviceCodeGrant extends Grant {
  override readonly type = DEVICE_CODE_GRANT;
  override readonly parameters = ['device_code'];

  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly trust: ClientTrustPolicy;
      readonly devices: DeviceAuthorizationStore;
    },
  ) {
    super();
  }

  override async prepare({ client, parameters, now, binding }: GrantRequest): Promise<PreparedGrant> {
    const code = tokenHash(parameters.require('device_code'));
    // Only the client's own: a stranger who polls must not make the device wait longer.
    const polled = await this.by.devices.poll(code, client.id, now);
    if (!polled) throw new OAuthError('invalid_grant', 'unknown_device_code');
    const { device, tooSoon } = polled;
    const standing = trustedStanding(polled.standing, this.by.trust, client);
    const resource = requestedResource(parameters);
    if (resource !== undefined && !sameResource(resource, device.resource))
      throw new OAuthError('invalid_target', 'resource_not_granted');

    const { approved: _, scopes: approved, ...person } = approvalOf(device, tooSoon, now);
    const grant = { ...person, clientId: client.id, resource: device.resource, scopes: approved };
    const scopes = scopesAtBirth(grant, standing);
    const family = familyBinding(client, binding);
    const refreshable = client.grantTypes.includes('refresh_token');
    const { authorization, refreshToken } = birthOf(grant, this.by.policy, refreshable, now, family);
    return {
      authorization,
      scopes,
      identity: identityOf(authorization, standing),
      commit: async () => {
        await this.#redeem(client, code, authorization, now, binding);
        return refreshToken === undefined ? {} : { refreshToken };
      },
    };
  }

  async #redeem(
    client: Client,
    code: TokenHash,
    authorization: Authorization,
    now: Date,
    binding: KeyBinding | undefined,
  ): Promise<void> {
    const { id: authorizationId, clientId, accountId, resource, scopes } = authorization;
    const audit = {
      type: 'device.redeemed',
      at: now,
      clientId,
      ...(accountId === undefined ? {} : { accountId }),
      authorizationId,
      resource,
      scopes,
      ...(binding ? { detail: bindingDetail(binding) } : {}),
    } as const;
    if (await this.by.devices.redeem(code, authorization, audit, now)) return;
    // Another poll was faster, or a party was disabled between our read and our write: read again to say which.
    const polled = await this.by.devices.poll(code, clientId, now);
    if (!polled) throw new OAuthError('invalid_grant', 'unknown_device_code');
    const standing = trustedStanding(polled.standing, this.by.trust, client);
    scopesAtBirth(approvalOf(polled.device, false, now), standing);
    throw new OAuthError('temporarily_unavailable', 'unexpected');
  }
}

/** @throws OAuthError as long as there is nothing to be had, and when there never will be */
function approvalOf(
  { redeemed, expiresAt, decision }: DeviceAuthorization,
  tooSoon: boolean,
  now: Date,
): Extract<DeviceDecision, { approved: true }> {
  if (redeemed) throw new OAuthError('invalid_grant', 'device_code_reused');
  if (now >= expiresAt) throw new OAuthError('expired_token', 'device_code_expired');
  if (!decision) {
    if (tooSoon) throw new OAuthError('slow_down', 'device_polled_too_soon');
    throw new OAuthError('authorization_pending', 'device_not_approved');
  }
  if (!decision.approved) throw new OAuthError('access_denied', 'device_denied', { status: 400 });
  return decision;
}
