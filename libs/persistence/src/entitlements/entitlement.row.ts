import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('entitlements')
export class EntitlementRow {
  @PrimaryColumn({ name: 'account_id', type: 'uuid', primaryKeyConstraintName: 'entitlements_pkey' })
  accountId!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'entitlements_pkey' })
  resource!: string;

  @Column({ type: 'text', array: true })
  scopes!: string[];
}
