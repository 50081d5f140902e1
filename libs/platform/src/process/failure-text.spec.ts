import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../configuration/configuration-error.js';
import { failureText } from './failure-text.js';

describe('why a start failed', () => {
  it('says what lies beneath: which host does not answer, which password is wrong', () => {
    const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');
    const error = new Error('temporarily_unavailable', { cause: new Error('no connection', { cause: refused }) });
    expect(failureText(error)).toMatch(/^Error: temporarily_unavailable\n/);
    expect(failureText(error)).toContain('caused by Error: connect ECONNREFUSED 127.0.0.1:1');
    const both = new AggregateError([new Error('connect ::1'), new Error('connect 127.0.0.1')]);
    expect(failureText(new Error('unavailable', { cause: both }))).toContain('connect ::1, connect 127.0.0.1');
  });

  it('shows no secret and, for what the operator can mend, no stack', () => {
    const cause = new Error('cannot use postgres://anna:hunter2hunter2@db/x');
    expect(failureText(new Error('unavailable', { cause }))).not.toContain('hunter2');
    const problem = new ConfigurationError([{ variable: 'PORT', problem: 'must be a port' }]);
    expect(failureText(problem)).toBe(problem.message);
  });

  it('comes to an end for causes that go round in a circle', () => {
    const error = new Error('a');
    error.cause = error;
    expect(failureText(error).match(/caused by/g)).toHaveLength(3);
  });
});
