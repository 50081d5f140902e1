import type { AccountId, AuthorizationId, ClientId, RefusalReason, ResourceIdentifier } from '@gatehouse/protocol';

export const AUDIT_EVENT_TYPES = [
  'client.registered',
  'client.changed',
  'client.removed',
  'client.reaped',
  'initial_access_token.created',
  'initial_access_token.revoked',
  'client.secret_rotated',
  'client.disabled',
  'client.enabled',
  'client.revoked',
  'client.authorized',
  'resource.published',
  'account.created',
  'account.changed',
  'account.linked',
  'account.group_joined',
  'account.group_left',
  'policy.changed',
  'provider.published',
  'provider.disabled',
  'provider.enabled',
  'provider.removed',
  'sign_in.succeeded',
  'sign_in.failed',
  'sign_in.locked',
  'factor.added',
  'factor.renamed',
  'factor.removed',
  'factors.reset',
  'recovery_codes.replaced',
  'recovery_code.used',
  'session.ended',
  'logout.delivered',
  'logout.given_up',
  'consent.granted',
  'consent.denied',
  'authorization.started',
  'authorization.revoked',
  'code.redeemed',
  'code.reused',
  'device.started',
  'device.redeemed',
  'user_code.refused',
  'refresh.rotated',
  'refresh.answered_again',
  'refresh.reused',
  'token.revoked',
  'token.exchanged',
  'tool.allowed',
  'tool.denied',
  'key.published',
  'key.withdrawn',
  'cleanup.finished',
] as const;

export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number];

/** Who did what, with whose right, and how it ended. Ids only: no token, code, secret, claim or e-mail. */
export interface AuditEvent {
  readonly type: AuditEventType;
  readonly at: Date;
  readonly reason?: RefusalReason;
  readonly clientId?: ClientId;
  readonly accountId?: AccountId;
  readonly authorizationId?: AuthorizationId;
  readonly resource?: ResourceIdentifier;
  /** Who administered: an account, or a client that acts for itself. Absent: a command beside the server, or nobody did. */
  readonly actorId?: AccountId | ClientId;
  /** Asked or granted, as the type says. */
  readonly scopes?: readonly string[];
  /** Small facts of the event: counts, generation, tool name, key id. Never input of unbounded size. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * For events that stand alone. An act that changes state hands its event to the store's own verb, which writes both in
 * one statement.
 */
export abstract class AuditLog {
  abstract record(event: AuditEvent): Promise<void>;
}
