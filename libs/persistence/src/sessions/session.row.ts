import { Column, Entity, Generated, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('sessions')
@Index('sessions_expires_at', ['expiresAt'])
@Index('sessions_account_id', ['accountId'])
@Unique('sessions_sid_key', ['sid'])
@Index('sessions_provider', ['providerId', 'upstreamSession'], { where: '(provider_id IS NOT NULL)' })
export class SessionRow {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'sessions_pkey' })
  id!: Buffer;

  @Column({ name: 'account_id', type: 'uuid' })
  accountId!: string;

  @Column({ name: 'authenticated_at', type: 'timestamptz' })
  authenticatedAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ type: 'uuid' })
  @Generated('uuid')
  sid!: string;

  @Column({ type: 'text', default: 'urn:gatehouse:acr:1fa' })
  acr!: string;

  @Column({ type: 'text', array: true, default: ['pwd'] })
  amr!: string[];

  @Column({ name: 'provider_id', type: 'text', nullable: true })
  providerId!: string | null;

  @Column({ name: 'upstream_session', type: 'text', nullable: true })
  upstreamSession!: string | null;

  @Column({ type: 'text', nullable: true })
  network!: string | null;

  @Column({ type: 'text', nullable: true })
  browser!: string | null;
}
