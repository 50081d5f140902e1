import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

@Entity('audit_events')
@Index('audit_events_at', ['at'], { type: 'brin' })
@Index('audit_events_account', ['accountId', 'id'], { where: '(account_id IS NOT NULL)' })
@Index('audit_events_client', ['clientId', 'id'], { where: '(client_id IS NOT NULL)' })
export class AuditEventRow {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    type: 'bigint',
    primaryKeyConstraintName: 'audit_events_pkey',
  })
  id!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  type!: string;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column({ name: 'client_id', type: 'text', nullable: true })
  clientId!: string | null;

  @Column({ name: 'account_id', type: 'uuid', nullable: true })
  accountId!: string | null;

  @Column({ name: 'authorization_id', type: 'uuid', nullable: true })
  authorizationId!: string | null;

  @Column({ type: 'text', nullable: true })
  resource!: string | null;

  @Column({ type: 'text', array: true, nullable: true })
  scopes!: string[] | null;

  @Column({ type: 'jsonb', nullable: true })
  detail!: object | null;

  @Column({ name: 'actor_id', type: 'text', nullable: true })
  actorId!: string | null;
}
