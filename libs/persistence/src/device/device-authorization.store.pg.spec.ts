import {
  aBirth,
  aCode,
  CONTRACT_NOW,
  deviceAuthorizationStoreContract,
  givenDevice,
  givenParties,
} from '@gatehouse/authorization-server/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toBytes } from '../base64url.js';
import { holdTransaction, pgStoreFixture, type PgStoreFixture, statementsOf, untilBlocked } from '../testing/index.js';

deviceAuthorizationStoreContract('PgDeviceAuthorizationStore', () => pgStoreFixture());

describe('PgDeviceAuthorizationStore', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture();
  });
  afterAll(() => fixture.close());

  async function approved() {
    const parties = await givenParties(fixture);
    const { accountId, client, resource } = parties;
    const { device, interaction } = await givenDevice(fixture, parties);
    const ids = { accountId, clientId: client.id, resource: resource.identifier, scopes: ['invoices:read'] };
    const approve = () =>
      fixture.interactions.approve(
        interaction.id,
        {
          consent: { ...ids, grantedAt: CONTRACT_NOW },
          audit: { ...ids, type: 'consent.granted', at: CONTRACT_NOW },
          device: { ...ids, code: device.code, authenticatedAt: CONTRACT_NOW },
        },
        CONTRACT_NOW,
      );
    const birth = aBirth(aCode(parties));
    const redeem = () =>
      fixture.devices.redeem(
        device.code,
        birth,
        { type: 'device.redeemed', at: CONTRACT_NOW, authorizationId: birth.id },
        CONTRACT_NOW,
      );
    return { device, interaction, approve, redeem, clientId: client.id };
  }

  it('lets a denial that is under way win against the approval that waits for it', async () => {
    const { device, approve, redeem } = await approved();
    const denial = await holdTransaction(
      fixture.url,
      `UPDATE device_authorizations SET decided_at = $2, denial_reason = 'consent_denied' WHERE code = $1`,
      [toBytes(device.code), CONTRACT_NOW],
    );
    const approval = approve();
    await untilBlocked(fixture.database, 1);
    await denial.commit();
    expect(await approval).toBe(false);
    expect(await redeem()).toBe(false);
  });

  it('costs one statement a verb: a poll, the decision, the redemption', async () => {
    const { device, approve, redeem, clientId } = await approved();
    expect(await statementsOf(fixture.database, approve)).toHaveLength(1);
    const redemption = await statementsOf(fixture.database, async () => {
      await fixture.devices.poll(device.code, clientId, CONTRACT_NOW);
      expect(await redeem()).toBe(true);
    });
    expect(redemption).toHaveLength(2);
  });
});
