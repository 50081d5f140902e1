import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A client that got a token at least once. Written once a day at most. */
@Entity('client_usage')
export class ClientUsageRow {
  @PrimaryColumn({ name: 'client_id', type: 'text', primaryKeyConstraintName: 'client_usage_pkey' })
  clientId!: string;

  @Column({ name: 'first_used_at', type: 'timestamptz' })
  firstUsedAt!: Date;

  @Column({ name: 'last_used_at', type: 'timestamptz' })
  lastUsedAt!: Date;
}
