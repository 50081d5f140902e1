import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('logout_notices')
@Index('logout_notices_due_at', ['dueAt'])
export class LogoutNoticeRow {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'logout_notices_pkey' })
  id!: string;

  @Column({ name: 'client_id', type: 'text' })
  clientId!: string;

  @Column({ name: 'account_id', type: 'uuid' })
  accountId!: string;

  @Column({ type: 'uuid' })
  sid!: string;

  @Column({ name: 'ended_at', type: 'timestamptz' })
  endedAt!: Date;

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ name: 'due_at', type: 'timestamptz' })
  dueAt!: Date;
}
