import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/** A person as a provider knows them, and whose account that is here. */
@Entity('external_identities')
@Unique('external_identities_one_each', ['providerId', 'accountId'])
@Index('external_identities_account_id', ['accountId'])
export class ExternalIdentityRow {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'external_identities_pkey' })
  issuer!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'external_identities_pkey' })
  subject!: string;

  @Column({ name: 'provider_id', type: 'text' })
  providerId!: string;

  @Column({ name: 'account_id', type: 'uuid' })
  accountId!: string;

  /** The account came to be by it, so its name is the provider's to say. */
  @Column({ name: 'made_account', type: 'boolean' })
  madeAccount!: boolean;

  @Column({ name: 'linked_at', type: 'timestamptz' })
  linkedAt!: Date;
}
