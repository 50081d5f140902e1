import { type AuditEvent, AuditLog } from '@gatehouse/audit';
import { Clock, after } from '@gatehouse/protocol';
import { PasswordHasher } from '../passwords/password-hasher.js';

export class StoppedClock extends Clock {
  #now: Date;

  constructor(now = new Date('2026-01-01T12:00:00Z')) {
    super();
    this.#now = now;
  }

  override now(): Date {
    return this.#now;
  }

  advance(seconds: number): void {
    this.#now = after(this.#now, seconds);
  }
}

export class MemoryAuditLog extends AuditLog {
  readonly events: AuditEvent[] = [];

  override async record(event: AuditEvent): Promise<void> {
    this.events.push(event);
  }
}

/** Readable "hashes" of a numbered version; remembers what it was asked to verify. */
export class TransparentPasswordHasher extends PasswordHasher {
  readonly verified: { readonly stored: string | undefined; readonly password: string }[] = [];
  version = 1;

  override async hash(password: string): Promise<string> {
    return `v${this.version}:${password}`;
  }

  override async verify(stored: string | undefined, password: string): Promise<boolean> {
    this.verified.push({ stored, password });
    await Promise.resolve();
    return stored !== undefined && stored.slice(stored.indexOf(':') + 1) === password;
  }

  override needsRehash(stored: string): boolean {
    return !stored.startsWith(`v${this.version}:`);
  }
}
