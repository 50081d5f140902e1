import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('consents')
@Index('consents_client_id', ['clientId'])
export class ConsentRow {
  @PrimaryColumn({ name: 'account_id', type: 'uuid', primaryKeyConstraintName: 'consents_pkey' })
  accountId!: string;

  @PrimaryColumn({ name: 'client_id', type: 'text', primaryKeyConstraintName: 'consents_pkey' })
  clientId!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'consents_pkey' })
  resource!: string;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @Column({ name: 'granted_at', type: 'timestamptz' })
  grantedAt!: Date;
}
