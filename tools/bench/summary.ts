/**
 * From samples to the table: medians over the rounds, and ratios taken within a round, because both servers met the same
 * machine there. Pure.
 */
export interface Sample {
  readonly target: string;
  readonly operation: string;
  readonly round: number;
  readonly operations: number;
  readonly seconds: number;
  /** Milliseconds in the server, and in the database. */
  readonly server: number;
  readonly database: number;
  readonly statements: number;
  readonly wal: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface Figures {
  readonly serverMs: number;
  readonly databaseMs: number;
  readonly perCore: number;
  readonly perSecond: number;
  readonly statements: number;
  readonly wal: number;
  readonly p50: number;
  readonly p99: number;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Comparison {
  readonly operation: string;
  readonly ours: Figures;
  readonly theirs: Figures;
  /** How many times less the server needs; and server and database together. */
  readonly server: Spread;
  readonly together: Spread;
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle)
    ? ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
    : (sorted[Math.floor(middle)] ?? Number.NaN);
}

export function figuresOf(samples: readonly Sample[]): Figures {
  const of = (read: (sample: Sample) => number): number => median(samples.map(read));
  const serverMs = of(({ server, operations }) => server / operations);
  return {
    serverMs,
    databaseMs: of(({ database, operations }) => database / operations),
    perCore: 1000 / serverMs,
    perSecond: of(({ operations, seconds }) => operations / seconds),
    statements: of(({ statements, operations }) => statements / operations),
    wal: of(({ wal, operations }) => wal / operations),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
  };
}

/** Operations in order of appearance; one that lacks a sample of either side in every round is left out. */
export function compare(samples: readonly Sample[], ours: string, theirs: string): readonly Comparison[] {
  return [...new Set(samples.map(({ operation }) => operation))].flatMap((operation) => {
    const of = (target: string): readonly Sample[] =>
      samples.filter((sample) => sample.operation === operation && sample.target === target);
    const pairs = of(ours).flatMap((mine) => {
      const other = of(theirs).find(({ round }) => round === mine.round);
      return other ? [{ mine, other }] : [];
    });
    if (pairs.length === 0) return [];
    const ratio = (cost: (sample: Sample) => number): Spread =>
      spread(pairs.map(({ mine, other }) => cost(other) / other.operations / (cost(mine) / mine.operations)));
    return [
      {
        operation,
        ours: figuresOf(of(ours)),
        theirs: figuresOf(of(theirs)),
        server: ratio(({ server }) => server),
        together: ratio(({ server, database }) => server + database),
      },
    ];
  });
}

function spread(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

export interface Goal {
  readonly first: number;
  readonly then: number;
  readonly statements?: number;
  readonly wal?: number;
}

/** One block an operation: both servers, then the ratios and how they stand to the goals. */
export function report(comparisons: readonly Comparison[], names: readonly [string, string], goals: GoalTable): string {
  const width = Math.max(...names.map((name) => name.length));
  const head = `${''.padEnd(width)}    CPU ms  DB CPU ms  req/s/core  req/s clock   p50 ms   p99 ms  statements  WAL bytes`;
  const line = (name: string, figures: Figures): string =>
    [
      `${name.padEnd(width)}  `,
      figures.serverMs.toFixed(3).padStart(8),
      figures.databaseMs.toFixed(3).padStart(11),
      figures.perCore.toFixed(0).padStart(12),
      figures.perSecond.toFixed(0).padStart(13),
      figures.p50.toFixed(1).padStart(9),
      figures.p99.toFixed(1).padStart(9),
      figures.statements.toFixed(2).padStart(12),
      figures.wal.toFixed(0).padStart(11),
    ].join('');
  return comparisons
    .map(({ operation, ours, theirs, server, together }) =>
      [
        operation,
        head,
        line(names[0], ours),
        line(names[1], theirs),
        `ratio   server CPU ${times(server)}, server and database ${times(together)}${verdict(goals[operation], { server, ours })}`,
      ].join('\n'),
    )
    .join('\n\n');
}

export type GoalTable = Readonly<Record<string, Goal | undefined>>;

function times({ median, least, most }: Spread): string {
  return `${median.toFixed(2)}x (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

function verdict(goal: Goal | undefined, { server, ours }: Pick<Comparison, 'server' | 'ours'>): string {
  if (!goal) return '';
  const met = (yes: boolean): string => (yes ? 'met' : 'NOT MET');
  return [
    `\ngoals   ${String(goal.first)}x ${met(server.median >= goal.first)}, ${String(goal.then)}x ${met(server.median >= goal.then)}`,
    ...(goal.statements === undefined
      ? []
      : [`at most ${String(goal.statements)} statements ${met(ours.statements <= goal.statements)}`]),
    ...(goal.wal === undefined ? [] : [`at most ${String(goal.wal)} bytes of WAL ${met(ours.wal <= goal.wal)}`]),
  ].join('; ');
}
