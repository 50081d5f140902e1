import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** NULL restricts nothing. No table is referred to by a foreign key; see the migration of clients. */
@Entity('access_rules')
@Index('access_rules_resource', ['resource'])
export class AccessRuleRow {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'access_rules_pkey' })
  id!: string;

  @Column({ type: 'text' })
  resource!: string;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @Column({ type: 'text', array: true, nullable: true })
  groups!: string[] | null;

  @Column({ type: 'uuid', array: true, nullable: true })
  accounts!: string[] | null;

  @Column({ type: 'text', array: true, nullable: true })
  clients!: string[] | null;

  @Column({ name: 'client_trust', type: 'text' })
  clientTrust!: string;
}
