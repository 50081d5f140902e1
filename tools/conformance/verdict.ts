/** Compares what the conformance program found with what the table expects. */
import type { Expectation } from './scenarios.ts';

/** A line of the program's checks.json. */
export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

export interface Verdict {
  readonly passed: number;
  /** Why the command fails; empty: it does not. */
  readonly problems: readonly string[];
  /** What the specification recommends and the product does not do. */
  readonly warnings: readonly string[];
}

/** A check may come several times in a scenario: it fails when one of them does. */
export function verdictOn({ without = {} }: Expectation, checks: readonly Check[]): Verdict {
  const failed = checks.filter(({ status }) => status === 'FAILURE');
  const problems = failed.filter(({ id }) => !(id in without)).map(told);
  const passed = new Set(checks.filter(({ status }) => status === 'SUCCESS').map(({ id }) => id));
  for (const id of Object.keys(without))
    if (passed.has(id) && !failed.some((check) => check.id === id))
      problems.push(`${id}: passes; its reason not to has gone`);
  // Nothing said is nothing shown.
  if (passed.size === 0) problems.push('no check was made');
  return {
    passed: passed.size,
    problems,
    warnings: checks.filter(({ status }) => status === 'WARNING').map(told),
  };
}

/** Problems of the table itself: it must name what the program has, no less and no more. */
export function differences(
  known: readonly string[],
  expected: Readonly<Record<string, Expectation>>,
): readonly string[] {
  return [
    ...known.filter((name) => !(name in expected)).map((name) => `${name}: not in tools/conformance/scenarios.ts`),
    ...Object.keys(expected)
      .filter((name) => !known.includes(name))
      .map((name) => `${name}: the program does not have it any more`),
  ];
}

function told({ id, errorMessage }: Check): string {
  return `${id}: ${(errorMessage ?? 'no word why').replaceAll(/\s+/g, ' ').slice(0, 300)}`;
}
