import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId, ClientId } from '@gatehouse/protocol';
import type { OwnPrincipal } from '../resources/own-access.js';

/** Who administers: a person through a client, or a client for itself. */
export interface Actor {
  readonly id: AccountId | ClientId;
  readonly through: ClientId;
}

export function actorOf({ accountId, clientId }: OwnPrincipal): Actor {
  return { id: accountId ?? clientId, through: clientId };
}

/** The event, with who did it. */
export function doneBy(actor: Actor | undefined, event: AuditEvent): AuditEvent {
  if (!actor) return event;
  return { ...event, actorId: actor.id, detail: { ...event.detail, through: actor.through } };
}
