import { type ClientKeySet, type ExchangeRule } from '@gatehouse/authorization-server';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export interface StoredSecret {
  readonly hash: string;
  readonly expiresAt?: string;
}

@Entity('clients')
@Index('clients_in_order', ['id'])
@Check('clients_document_is_whole', 'num_nulls(document_fetched_at, document_expires_at) IN (0, 2)')
export class ClientRow {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'clients_pkey' })
  id!: string;

  @Column({ type: 'text' })
  origin!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ name: 'application_type', type: 'text' })
  applicationType!: string;

  @Column({ name: 'redirect_uris', type: 'text', array: true })
  redirectUris!: string[];

  @Column({ name: 'grant_types', type: 'text', array: true })
  grantTypes!: string[];

  @Column({ name: 'auth_method', type: 'text' })
  authMethod!: string;

  @Column({ type: 'jsonb' })
  secrets!: StoredSecret[];

  @Column({ type: 'jsonb', nullable: true })
  keys!: ClientKeySet | null;

  @Column({ type: 'text', array: true, nullable: true })
  scopes!: string[] | null;

  @Column({ type: 'jsonb', nullable: true })
  exchanges!: ExchangeRule[] | null;

  @Column({ name: 'require_pushed_requests', type: 'boolean', default: false })
  requirePushedRequests!: boolean;

  @Column({ name: 'assertion_algorithm', type: 'text', nullable: true })
  assertionAlgorithm!: string | null;

  @Column({ name: 'post_logout_redirect_uris', type: 'text', array: true, nullable: true })
  postLogoutRedirectUris!: string[] | null;

  @Column({ name: 'backchannel_logout_uri', type: 'text', nullable: true })
  backchannelLogoutUri!: string | null;

  @Column({ name: 'backchannel_logout_session_required', type: 'boolean', default: false })
  backchannelLogoutSessionRequired!: boolean;

  @Column({ name: 'dpop_bound_access_tokens', type: 'boolean', default: false })
  dpopBoundAccessTokens!: boolean;

  @Column({ name: 'client_uri', type: 'text', nullable: true })
  clientUri!: string | null;

  @Column({ name: 'software_id', type: 'text', nullable: true })
  softwareId!: string | null;

  @Column({ name: 'software_version', type: 'text', nullable: true })
  softwareVersion!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt!: Date | null;

  @Column({ name: 'document_fetched_at', type: 'timestamptz', nullable: true })
  documentFetchedAt!: Date | null;

  @Column({ name: 'document_expires_at', type: 'timestamptz', nullable: true })
  documentExpiresAt!: Date | null;

  @Column({ name: 'document_etag', type: 'text', nullable: true })
  documentEtag!: string | null;
}
