import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('identity_providers')
export class IdentityProviderRow {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'identity_providers_pkey' })
  id!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', array: true })
  domains!: string[];

  @Column({ name: 'just_in_time', type: 'boolean' })
  justInTime!: boolean;

  @Column({ type: 'jsonb' })
  settings!: object;

  @Column({ name: 'sealed_secrets', type: 'text', nullable: true })
  sealedSecrets!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt!: Date | null;
}
