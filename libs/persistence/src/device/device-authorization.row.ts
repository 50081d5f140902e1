import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('device_authorizations')
@Index('device_authorizations_expires_at', ['expiresAt'])
@Index('device_authorizations_client_id', ['clientId'])
@Unique('device_authorizations_user_code_key', ['userCode'])
@Check('device_authorizations_session_is_whole', 'num_nulls(sid, acr, amr) IN (0, 3)')
export class DeviceAuthorizationRow {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'device_authorizations_pkey' })
  code!: Buffer;

  @Column({ name: 'user_code', type: 'bytea' })
  userCode!: Buffer;

  @Column({ name: 'client_id', type: 'text' })
  clientId!: string;

  @Column({ type: 'text' })
  resource!: string;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @Column({ type: 'text' })
  network!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ name: 'poll_interval', type: 'integer' })
  pollInterval!: number;

  @Column({ name: 'polled_at', type: 'timestamptz', nullable: true })
  polledAt!: Date | null;

  @Column({ name: 'polled_too_soon', type: 'boolean', default: false })
  polledTooSoon!: boolean;

  /** With a reason: denied. Without one: approved, and the next three are there. */
  @Column({ name: 'decided_at', type: 'timestamptz', nullable: true })
  decidedAt!: Date | null;

  @Column({ name: 'denial_reason', type: 'text', nullable: true })
  denialReason!: string | null;

  @Column({ name: 'account_id', type: 'uuid', nullable: true })
  accountId!: string | null;

  @Column({ name: 'authenticated_at', type: 'timestamptz', nullable: true })
  authenticatedAt!: Date | null;

  @Column({ name: 'approved_scopes', type: 'text', array: true, nullable: true })
  approvedScopes!: string[] | null;

  @Column({ name: 'redeemed_at', type: 'timestamptz', nullable: true })
  redeemedAt!: Date | null;

  @Column({ name: 'authorization_id', type: 'uuid', nullable: true })
  authorizationId!: string | null;

  @Column({ type: 'uuid', nullable: true })
  sid!: string | null;

  @Column({ type: 'text', nullable: true })
  acr!: string | null;

  @Column({ type: 'text', array: true, nullable: true })
  amr!: string[] | null;
}
