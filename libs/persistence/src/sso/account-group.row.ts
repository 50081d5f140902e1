import { Entity, PrimaryColumn } from 'typeorm';

/** A group of a person. The name has the provider's id before it: nobody else's group is called like that. */
@Entity('account_groups')
export class AccountGroupRow {
  @PrimaryColumn({ name: 'account_id', type: 'uuid', primaryKeyConstraintName: 'account_groups_pkey' })
  accountId!: string;

  @PrimaryColumn({ name: 'provider_id', type: 'text', primaryKeyConstraintName: 'account_groups_pkey' })
  providerId!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'account_groups_pkey' })
  name!: string;
}
