import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

@Entity('signing_keys')
@Unique('signing_keys_kid_key', ['kid'])
export class SigningKeyRow {
  /** Order of publication. Clocks of two workers may disagree about it, this number does not. */
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'ALWAYS',
    type: 'integer',
    primaryKeyConstraintName: 'signing_keys_pkey',
  })
  ordinal!: number;

  @Column({ type: 'text' })
  kid!: string;

  @Column({ type: 'text' })
  algorithm!: string;

  @Column({ name: 'public_jwk', type: 'jsonb' })
  publicJwk!: object;

  @Column({ name: 'sealed_private_key', type: 'text' })
  sealedPrivateKey!: string;

  @Column({ name: 'published_at', type: 'timestamptz' })
  publishedAt!: Date;

  @Column({ name: 'activates_at', type: 'timestamptz' })
  activatesAt!: Date;

  @Column({ name: 'withdraw_at', type: 'timestamptz', nullable: true })
  withdrawAt!: Date | null;
}
