import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A DPoP proof that was shown. Its key is a hash of thumbprint and jti: of one size, whatever clients make up. */
@Entity('used_proofs')
@Index('used_proofs_expires_at', ['expiresAt'])
export class UsedProofRow {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'used_proofs_pkey' })
  id!: Buffer;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;
}
