import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('initial_access_tokens')
@Unique('initial_access_tokens_hash', ['hash'])
export class InitialAccessTokenRow {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'initial_access_tokens_pkey' })
  id!: string;

  @Column({ type: 'bytea' })
  hash!: Buffer;

  @Column({ type: 'text' })
  label!: string;

  @Column({ name: 'uses_left', type: 'integer' })
  usesLeft!: number;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;
}
