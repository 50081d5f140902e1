import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('attempts')
@Index('attempts_window_ends_at', ['windowEndsAt'])
export class AttemptRow {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'attempts_pkey' })
  key!: string;

  @Column({ type: 'integer' })
  made!: number;

  @Column({ name: 'window_ends_at', type: 'timestamptz' })
  windowEndsAt!: Date;
}
