import { describe, expect, it } from '@jest/globals';
import { ScopeCatalogue, type ScopeDefinition } from './scope-catalogue.js';

const scope = (name: string, ...implies: string[]): ScopeDefinition => ({ name, description: name, implies });

describe('ScopeCatalogue', () => {
  const catalogue = new ScopeCatalogue([
    scope('read'),
    scope('write', 'read'),
    scope('admin', 'write'),
    scope('refund'),
  ]);

  it('lets a broader scope satisfy a narrower one, however deep', () => {
    expect(catalogue.missing(['admin'], ['read'])).toEqual([]);
    expect([...catalogue.closure(['admin'])]).toEqual(['admin', 'write', 'read']);
  });

  it('lets no narrower scope satisfy a broader one, nor one beside it', () => {
    expect(catalogue.missing(['read'], ['write'])).toEqual(['write']);
    expect(catalogue.missing(['admin'], ['refund', 'read'])).toEqual(['refund']);
    expect(catalogue.missing([], ['read'])).toEqual(['read']);
  });

  it('gives nothing for a scope it does not know', () => {
    expect(catalogue.missing(['everything'], ['read'])).toEqual(['read']);
    expect(catalogue.has('everything')).toBe(false);
    expect(catalogue.has('constructor')).toBe(false);
    expect(catalogue.find('read')?.description).toBe('read');
  });

  it('does not run for ever when scopes imply each other', () => {
    const circle = new ScopeCatalogue([scope('a', 'b'), scope('b', 'a')]);
    expect(circle.missing(['a'], ['b'])).toEqual([]);
  });

  it('is refused with a malformed, repeated or dangling name', () => {
    expect(() => new ScopeCatalogue([scope('a b')])).toThrow(TypeError);
    expect(() => new ScopeCatalogue([scope('a'), scope('a')])).toThrow(TypeError);
    expect(() => new ScopeCatalogue([scope('a', 'b')])).toThrow(TypeError);
  });
});
