import type { AuditEvent } from '@gatehouse/audit';
import type { TokenHash } from '@gatehouse/protocol';
import type { Authorization } from '../authorizations/authorization.js';
import type { Standing } from '../authorizations/standing.js';
import type { AuthorizationCode } from '../codes/authorization-code.js';
import { AuthorizationCodeStore } from '../codes/authorization-code.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryAuthorizationCodeStore extends AuthorizationCodeStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override find(
    hash: TokenHash,
  ): Promise<{ readonly code: AuthorizationCode; readonly standing: Standing } | undefined> {
    return this.database.atomically(() => {
      const code = this.database.codes.get(hash);
      return code && { code, standing: this.database.standing(code) };
    });
  }

  override redeem(code: AuthorizationCode, birth: Authorization, audit: AuditEvent, now: Date): Promise<boolean> {
    return this.database.atomically(() => {
      const stored = this.database.codes.get(code.hash);
      if (!stored || stored.redeemed || now >= stored.expiresAt || !this.database.stands(stored)) return false;
      this.database.codes.set(code.hash, { ...stored, redeemed: { at: now, authorizationId: birth.id } });
      this.database.authorizations.set(birth.id, birth);
      this.database.audit.push(audit);
      return true;
    });
  }
}
