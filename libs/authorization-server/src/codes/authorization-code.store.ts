import type { AuditEvent } from '@gatehouse/audit';
import type { TokenHash } from '@gatehouse/protocol';
import type { Authorization } from '../authorizations/authorization.js';
import type { Standing } from '../authorizations/standing.js';
import type { AuthorizationCode } from './authorization-code.js';

export abstract class AuthorizationCodeStore {
  /** The code and how its client, account and resource stand now, in one read. */
  abstract find(
    hash: TokenHash,
  ): Promise<{ readonly code: AuthorizationCode; readonly standing: Standing } | undefined>;
  /**
   * Spends the code and stores the authorization it gives birth to with the audit event, in one statement.
   * False: already spent, expired, or its client, account, or resource is disabled or unknown by now; nothing is stored then.
   */
  abstract redeem(code: AuthorizationCode, birth: Authorization, audit: AuditEvent, now: Date): Promise<boolean>;
}
