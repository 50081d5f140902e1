import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('resources')
export class ResourceRow {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'resources_pkey' })
  identifier!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'jsonb' })
  scopes!: object[];

  @Column({ name: 'default_scopes', type: 'text', array: true })
  defaultScopes!: string[];

  @Column({ name: 'server_id', type: 'text' })
  serverId!: string;

  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt!: Date | null;
}
