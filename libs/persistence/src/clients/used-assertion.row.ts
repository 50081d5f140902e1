import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A client assertion that was used. Its key is a hash of client and jti: of one size, whatever clients make up. */
@Entity('used_assertions')
@Index('used_assertions_expires_at', ['expiresAt'])
export class UsedAssertionRow {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'used_assertions_pkey' })
  id!: Buffer;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;
}
