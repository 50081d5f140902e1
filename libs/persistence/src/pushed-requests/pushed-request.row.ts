import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('pushed_requests')
@Index('pushed_requests_expires_at', ['expiresAt'])
export class PushedRequestRow {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'pushed_requests_pkey' })
  id!: Buffer;

  @Column({ name: 'client_id', type: 'text' })
  clientId!: string;

  @Column({ type: 'jsonb' })
  parameters!: string[][];

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;
}
