import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('pending_sign_ins')
@Index('pending_sign_ins_expires_at', ['expiresAt'])
export class PendingSignInRow {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'pending_sign_ins_pkey' })
  place!: Buffer;

  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'pending_sign_ins_pkey' })
  browser!: Buffer;

  @Column({ name: 'account_id', type: 'uuid', nullable: true })
  accountId!: string | null;

  @Column({ type: 'text' })
  challenge!: string;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;
}
