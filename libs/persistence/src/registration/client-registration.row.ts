import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What is known of how a client came that nobody invited, beside the client itself. */
@Entity('client_registrations')
@Index('client_registrations_fingerprint', ['fingerprint'], { unique: true })
@Index('client_registrations_unused_since', ['unusedSince'], { where: '(unused_since IS NOT NULL)' })
export class ClientRegistrationRow {
  @PrimaryColumn({ name: 'client_id', type: 'text', primaryKeyConstraintName: 'client_registrations_pkey' })
  clientId!: string;

  /** Hash of the token by which its owner manages it. */
  @Column({ name: 'management_token', type: 'bytea', nullable: true })
  managementToken!: Buffer | null;

  /** Of clients that are shared by all who register the same. */
  @Column({ type: 'bytea', nullable: true })
  fingerprint!: Buffer | null;

  /** Who is behind it: a hash of the network it came from, or of the site of its document. */
  @Column({ type: 'bytea', nullable: true })
  source!: Buffer | null;

  /** When a client that never completed a flow was registered or asked for last. Null once it was used. */
  @Column({ name: 'unused_since', type: 'timestamptz', nullable: true })
  unusedSince!: Date | null;
}
