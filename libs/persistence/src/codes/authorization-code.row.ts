import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('authorization_codes')
@Index('authorization_codes_expires_at', ['expiresAt'])
@Check('authorization_codes_session_is_whole', 'num_nulls(sid, acr, amr) IN (0, 3)')
export class AuthorizationCodeRow {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'authorization_codes_pkey' })
  hash!: Buffer;

  @Column({ name: 'client_id', type: 'text' })
  clientId!: string;

  @Column({ name: 'account_id', type: 'uuid' })
  accountId!: string;

  @Column({ name: 'redirect_uri', type: 'text' })
  redirectUri!: string;

  @Column({ name: 'redirect_uri_was_sent', type: 'boolean' })
  redirectUriWasSent!: boolean;

  @Column({ name: 'code_challenge', type: 'text' })
  codeChallenge!: string;

  @Column({ type: 'text' })
  resource!: string;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @Column({ name: 'authenticated_at', type: 'timestamptz' })
  authenticatedAt!: Date;

  @Column({ name: 'issued_at', type: 'timestamptz' })
  issuedAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ name: 'redeemed_at', type: 'timestamptz', nullable: true })
  redeemedAt!: Date | null;

  @Column({ name: 'authorization_id', type: 'uuid', nullable: true })
  authorizationId!: string | null;

  @Column({ type: 'uuid', nullable: true })
  sid!: string | null;

  @Column({ type: 'text', nullable: true })
  acr!: string | null;

  @Column({ type: 'text', array: true, nullable: true })
  amr!: string[] | null;

  @Column({ type: 'text', nullable: true })
  nonce!: string | null;

  @Column({ name: 'dpop_jkt', type: 'text', nullable: true })
  dpopJkt!: string | null;
}
