import type { AuditEvent } from '@gatehouse/audit';
import { after, type ClientId, type SecretHash, type TokenHash } from '@gatehouse/protocol';
import type { Authorization } from '../authorizations/authorization.js';
import type { Standing } from '../authorizations/standing.js';
import type { DeviceAuthorization } from '../device/device-authorization.js';
import { DeviceAuthorizationStore, SLOW_DOWN_BY } from '../device/device-authorization.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryDeviceAuthorizationStore extends DeviceAuthorizationStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override begin(device: DeviceAuthorization, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      const { devices } = this.database;
      if ([...devices.values()].some(({ userCode }) => userCode === device.userCode)) return false;
      devices.set(device.code, device);
      this.database.audit.push(audit);
      return true;
    });
  }

  override findUndecided(userCodes: readonly SecretHash[], now: Date): Promise<DeviceAuthorization | undefined> {
    return this.database.atomically(() =>
      [...this.database.devices.values()].find(
        ({ userCode, decision, expiresAt }) => userCodes.includes(userCode) && !decision && now < expiresAt,
      ),
    );
  }

  override poll(
    code: TokenHash,
    clientId: ClientId,
    now: Date,
  ): Promise<
    { readonly device: DeviceAuthorization; readonly tooSoon: boolean; readonly standing: Standing } | undefined
  > {
    return this.database.atomically(() => {
      const known = this.database.devices.get(code);
      if (known?.clientId !== clientId) return undefined;
      const last = this.database.devicePolls.get(code);
      const tooSoon = last !== undefined && now < after(last, known.interval);
      const device = tooSoon ? { ...known, interval: known.interval + SLOW_DOWN_BY } : known;
      this.database.devices.set(code, device);
      this.database.devicePolls.set(code, now);
      return { device, tooSoon, standing: this.database.standing(partiesOf(device)) };
    });
  }

  override redeem(code: TokenHash, birth: Authorization, audit: AuditEvent, now: Date): Promise<boolean> {
    return this.database.atomically(() => {
      const device = this.database.devices.get(code);
      if (!device?.decision?.approved || device.redeemed || now >= device.expiresAt) return false;
      if (!this.database.stands(partiesOf(device))) return false;
      this.database.devices.set(code, { ...device, redeemed: { at: now, authorizationId: birth.id } });
      this.database.authorizations.set(birth.id, birth);
      this.database.audit.push(audit);
      return true;
    });
  }
}

function partiesOf({ clientId, resource, decision }: DeviceAuthorization) {
  return { clientId, resource, ...(decision?.approved === true ? { accountId: decision.accountId } : {}) };
}
