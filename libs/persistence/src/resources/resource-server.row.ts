import { Column, Entity, PrimaryColumn } from 'typeorm';
import { type StoredSecret } from '../clients/client.row.js';

@Entity('resource_servers')
export class ResourceServerRow {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'resource_servers_pkey' })
  id!: string;

  @Column({ type: 'jsonb' })
  secrets!: StoredSecret[];

  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt!: Date | null;
}
