/** Counts what a test run found. A step that is not a test runner's counts as one test. */
import { readFileSync, rmSync } from 'node:fs';

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** Titles of what was not run. */
  readonly skipped: readonly string[];
}

export const ONE_PASSED: Outcome = { passed: 1, failed: 0, skipped: [] };
export const ONE_FAILED: Outcome = { passed: 0, failed: 1, skipped: [] };

/** What we read of Jest's --json. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that broke before, or outside of, their tests. */
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Reads and removes the report. A run that says it failed has at least one failure; one without tests has failed. */
export function jestOutcome(file: string, succeeded: boolean): Outcome {
  let report: JestReport;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as JestReport;
  } catch {
    return ONE_FAILED;
  } finally {
    rmSync(file, { force: true });
  }
  const skipped = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName }) => fullName);
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  const unexplained = failed === 0 && (!succeeded || passed === 0);
  return { passed, failed: failed + (unexplained ? 1 : 0), skipped };
}

export function sum(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: [...total.skipped, ...skipped],
    }),
    { passed: 0, failed: 0, skipped: [] },
  );
}

/** The last line of a run. */
export function summary({ passed, failed, skipped }: Outcome): string {
  const rest = skipped.length > 0 ? `, ${String(skipped.length)} skipped` : '';
  return `${String(passed)} passed, ${String(failed)} failed${rest}`;
}
