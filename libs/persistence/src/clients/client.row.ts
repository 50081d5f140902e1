import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

export interface StoredSecret {
  readonly hash: string;
  readonly expiresAt?: string;
}

@Entity('clients')
@Index('clients_unused_since', ['unusedSince'], { where: '(unused_since IS NOT NULL)' })
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

  @Column({ type: 'text', array: true, nullable: true })
  scopes!: string[] | null;

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

  /** Of a client that registered itself: since when, until somebody approves it for the first time. */
  @Column({ name: 'unused_since', type: 'timestamptz', nullable: true })
  unusedSince!: Date | null;
}
