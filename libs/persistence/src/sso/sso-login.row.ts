import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('sso_logins')
@Index('sso_logins_expires_at', ['expiresAt'])
@Unique('sso_logins_ticket_key', ['ticket'])
export class SsoLoginRow {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'sso_logins_pkey' })
  state!: Buffer;

  @Column({ type: 'bytea' })
  browser!: Buffer;

  @Column({ name: 'provider_id', type: 'text' })
  providerId!: string;

  @Column({ type: 'text' })
  sealed!: string;

  /** Set when an answer came without the browser, together with what came of it. */
  @Column({ type: 'bytea', nullable: true })
  ticket!: Buffer | null;

  @Column({ type: 'text', nullable: true })
  outcome!: string | null;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;
}
