import { describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jestOutcome, ONE_PASSED, sum, summary } from './tally.ts';

interface Counts {
  readonly passed?: number;
  readonly failed?: number;
  readonly crashed?: number;
  readonly skipped?: readonly string[];
}

function reportOf({ passed = 0, failed = 0, crashed = 0, skipped = [] }: Counts): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tally-')), 'report.json');
  const report = {
    numPassedTests: passed,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: crashed,
    testResults: [{ assertionResults: skipped.map((fullName) => ({ fullName, status: 'pending' })) }],
  };
  writeFileSync(file, JSON.stringify(report));
  return file;
}

describe('the tally of a test run', () => {
  it('counts what passed and removes the report', () => {
    const file = reportOf({ passed: 7 });
    expect(jestOutcome(file, true)).toEqual({ passed: 7, failed: 0, skipped: [] });
    expect(existsSync(file)).toBe(false);
  });

  it('counts a file that broke before its tests as a failure', () => {
    expect(jestOutcome(reportOf({ passed: 7, crashed: 2 }), false)).toMatchObject({ passed: 7, failed: 2 });
  });

  it('does not let a run without tests pass', () => {
    expect(jestOutcome(reportOf({}), true).failed).toBe(1);
  });

  it('does not let a run pass whose process failed, whatever its report says', () => {
    expect(jestOutcome(reportOf({ passed: 7 }), false).failed).toBe(1);
  });

  it('counts a run without a report as a failure', () => {
    expect(jestOutcome('/no/such/report.json', true)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('names what was skipped, and ends in one line', () => {
    const total = sum([ONE_PASSED, jestOutcome(reportOf({ passed: 2, skipped: ['on Redis'] }), true)]);
    expect(total.skipped).toEqual(['on Redis']);
    expect(summary(total)).toBe('3 passed, 0 failed, 1 skipped');
    expect(summary(ONE_PASSED)).toBe('1 passed, 0 failed');
  });
});
