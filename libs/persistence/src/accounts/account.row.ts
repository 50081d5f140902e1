import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('accounts')
@Check('accounts_verified_email_is_there', 'email IS NOT NULL OR NOT email_verified')
@Unique('accounts_username_key', ['username'])
// By lower(email): more than a decorator can say.
@Index('accounts_email', { synchronize: false })
export class AccountRow {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'accounts_pkey' })
  id!: string;

  @Column({ type: 'text' })
  username!: string;

  @Column({ name: 'display_name', type: 'text' })
  displayName!: string;

  @Column({ name: 'password_hash', type: 'text', nullable: true })
  passwordHash!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  email!: string | null;

  @Column({ name: 'email_verified', type: 'boolean', default: false })
  emailVerified!: boolean;

  @Column({ name: 'break_glass', type: 'boolean', default: false })
  breakGlass!: boolean;
}
