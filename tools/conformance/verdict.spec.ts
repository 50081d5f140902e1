import { describe, expect, it } from '@jest/globals';
import { type Check, differences, verdictOn } from './verdict.ts';

const check = (id: string, status: Check['status']): Check => ({ id, status, errorMessage: 'why' });

describe('verdictOn', () => {
  it('is content when all checks pass, and counts each once', () => {
    const checks = [check('a', 'SUCCESS'), check('a', 'SUCCESS'), check('b', 'SUCCESS'), check('c', 'INFO')];
    expect(verdictOn({}, checks)).toEqual({ passed: 2, problems: [], warnings: [] });
  });

  it('fails for a check that fails once among its repetitions', () => {
    expect(verdictOn({}, [check('a', 'SUCCESS'), check('a', 'FAILURE')]).problems).toEqual(['a: why']);
  });

  it('excuses a check for its reason, and no other', () => {
    const without = { a: 'a reason' };
    const { problems } = verdictOn({ without }, [check('a', 'FAILURE'), check('b', 'FAILURE'), check('c', 'SUCCESS')]);
    expect(problems).toEqual(['b: why']);
  });

  it('fails when an excused check passes', () => {
    expect(verdictOn({ without: { a: 'a reason' } }, [check('a', 'SUCCESS')]).problems).toHaveLength(1);
  });

  it('does not take silence for success', () => {
    expect(verdictOn({}, [check('a', 'INFO'), check('b', 'SKIPPED')]).problems).toEqual(['no check was made']);
  });

  it('tells what is recommended and not done, without failing', () => {
    const verdict = verdictOn({}, [check('a', 'SUCCESS'), check('b', 'WARNING')]);
    expect(verdict).toEqual({ passed: 1, problems: [], warnings: ['b: why'] });
  });
});

describe('differences', () => {
  it('finds new scenarios and those that have gone', () => {
    expect(differences(['a', 'b'], { a: {}, b: {} })).toEqual([]);
    expect(differences(['a', 'new'], { a: {}, gone: {} })).toEqual([
      expect.stringContaining('new: not in'),
      expect.stringContaining('gone: the program does not'),
    ]);
  });
});
