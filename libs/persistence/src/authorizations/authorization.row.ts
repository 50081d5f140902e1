import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What a rotation changes stands last and is in no index but `endsOn`, which changes once a day: see the migration. */
@Entity('authorizations')
@Index('authorizations_client_id', ['clientId'])
@Index('authorizations_ends_on', ['endsOn'])
@Index('authorizations_parent_id', ['parentId'], { where: '(parent_id IS NOT NULL)' })
@Index('authorizations_sid', ['sid'], { where: `('openid'::text = ANY (scopes))` })
@Check('authorizations_person_is_whole', 'num_nulls(account_id, authenticated_at) IN (0, 2)')
@Check('authorizations_refresh_is_whole', 'num_nulls(replay_key, generation, idle_expires_at, current_hash) IN (0, 4)')
@Check('authorizations_session_is_whole', 'num_nulls(sid, acr, amr) IN (0, 3)')
export class AuthorizationRow {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'authorizations_pkey' })
  id!: string;

  @Column({ name: 'account_id', type: 'uuid', nullable: true })
  accountId!: string | null;

  @Column({ name: 'authenticated_at', type: 'timestamptz', nullable: true })
  authenticatedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ name: 'client_id', type: 'text' })
  clientId!: string;

  @Column({ type: 'text' })
  resource!: string;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @Column({ name: 'replay_key', type: 'bytea', nullable: true })
  replayKey!: Buffer | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @Column({ name: 'revocation_reason', type: 'text', nullable: true })
  revocationReason!: string | null;

  @Column({ name: 'ends_on', type: 'date' })
  endsOn!: string;

  @Column({ type: 'integer', nullable: true })
  generation!: number | null;

  @Column({ name: 'rotated_at', type: 'timestamptz', nullable: true })
  rotatedAt!: Date | null;

  @Column({ name: 'idle_expires_at', type: 'timestamptz', nullable: true })
  idleExpiresAt!: Date | null;

  @Column({ name: 'current_hash', type: 'bytea', nullable: true })
  currentHash!: Buffer | null;

  @Column({ name: 'previous_hash', type: 'bytea', nullable: true })
  previousHash!: Buffer | null;

  @Column({ type: 'bytea', nullable: true })
  nonce!: Buffer | null;

  @Column({ name: 'parent_id', type: 'uuid', nullable: true })
  parentId!: string | null;

  @Column({ name: 'dpop_jkt', type: 'text', nullable: true })
  dpopJkt!: string | null;

  @Column({ type: 'uuid', nullable: true })
  sid!: string | null;

  @Column({ type: 'text', nullable: true })
  acr!: string | null;

  @Column({ type: 'text', array: true, nullable: true })
  amr!: string[] | null;
}
