import { describe, expect, it } from '@jest/globals';
import { compare, figuresOf, median, quantile, report, type Sample } from './summary.ts';

const sample = (target: string, round: number, server: number, more: Partial<Sample> = {}): Sample => ({
  target,
  operation: 'refresh',
  round,
  operations: 100,
  seconds: 0.5,
  server,
  database: 10,
  statements: 50,
  wal: 40_000,
  p50: 3,
  p99: 9,
  ...more,
});

describe('the summary of a measurement', () => {
  it('takes the middle of an odd number of values, and the mean of the two in the middle of an even one', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 3])).toBe(4);
    expect(median([])).toBeNaN();
  });

  it('takes quantiles of sorted values without leaving them', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([quantile(values, 0), quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([
      1, 51, 100, 100,
    ]);
  });

  it('divides by the operations of each round, not by their sum', () => {
    const figures = figuresOf([
      sample('a', 1, 10),
      sample('a', 2, 20),
      sample('a', 3, 60, { operations: 200, statements: 20 }),
    ]);
    expect(figures).toMatchObject({ serverMs: 0.2, databaseMs: 0.1, perCore: 5000, perSecond: 200, statements: 0.5 });
  });

  it('compares what ran in the same round, so that a busy round does not count against one side', () => {
    const samples = [sample('a', 1, 10), sample('b', 1, 50), sample('a', 2, 100), sample('b', 2, 500)];
    const [comparison] = compare(samples, 'a', 'b');
    expect(comparison?.server).toEqual({ median: 5, least: 5, most: 5 });
    expect(comparison?.together.median).toBeCloseTo((60 / 20 + 510 / 110) / 2);
  });

  it('leaves out what only one side did, and a round that one side lacks', () => {
    expect(compare([sample('a', 1, 10), sample('b', 2, 10)], 'a', 'b')).toEqual([]);
    expect(compare([sample('a', 1, 10), sample('b', 1, 20), sample('a', 2, 10)], 'a', 'b')).toHaveLength(1);
  });

  it('says of each goal whether it is met, by ratio, statements and bytes', () => {
    const text = report(compare([sample('a', 1, 10), sample('b', 1, 60)], 'a', 'b'), ['a', 'b'], {
      refresh: { first: 5, then: 8, statements: 1, wal: 399 },
    });
    expect(text).toContain('server CPU 6.00x (6.00 to 6.00)');
    expect(text).toContain('5x met, 8x NOT MET; at most 1 statements met; at most 399 bytes of WAL NOT MET');
  });
});
