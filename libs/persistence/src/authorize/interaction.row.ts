import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('interactions')
@Index('interactions_expires_at', ['expiresAt'])
// On an expression, which rows cannot declare.
@Index('interactions_client_id', { synchronize: false })
@Check('interactions_session_is_whole', 'num_nulls(sid, acr, amr) IN (0, 3)')
export class InteractionRow {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'interactions_pkey' })
  id!: Buffer;

  @Column({ type: 'bytea' })
  browser!: Buffer;

  @Column({ type: 'jsonb' })
  request!: object;

  @Column({ name: 'account_id', type: 'uuid', nullable: true })
  accountId!: string | null;

  @Column({ name: 'authenticated_at', type: 'timestamptz', nullable: true })
  authenticatedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true })
  completedAt!: Date | null;

  @Column({ type: 'uuid', nullable: true })
  sid!: string | null;

  @Column({ type: 'text', nullable: true })
  acr!: string | null;

  @Column({ type: 'text', array: true, nullable: true })
  amr!: string[] | null;
}
