import { describe, expect, it } from '@jest/globals';
import { OAuthError } from '@gatehouse/protocol';
import { Gathering } from './gathering.js';
import { StoreFailure } from './store-failure.js';

function gathered(
  equal: 'share' | 'take turns',
  answer: (questions: readonly string[]) => Promise<readonly string[]> = (questions) =>
    Promise.resolve(questions.map((question) => `${question}!`)),
) {
  const statements: (readonly string[])[] = [];
  const gathering = new Gathering<string, string>({
    keyOf: (question) => question,
    equal,
    ask: (questions) => {
      statements.push(questions);
      return answer(questions);
    },
  });
  return { gathering, statements };
}

const unavailable = (sqlState?: string) =>
  new OAuthError('temporarily_unavailable', 'store_unavailable', {
    cause: sqlState === undefined ? new Error('gone') : new StoreFailure(sqlState, undefined, undefined, ''),
  });

describe('a gathering', () => {
  it('asks in one statement what is asked in one turn, and gives everybody the own answer', async () => {
    const { gathering, statements } = gathered('share');
    expect(await Promise.all(['a', 'b', 'c'].map((each) => gathering.ask(each)))).toEqual(['a!', 'b!', 'c!']);
    expect(statements).toEqual([['a', 'b', 'c']]);
  });

  it('never gives an answer that is older than the question', async () => {
    const { gathering, statements } = gathered('share');
    await gathering.ask('a');
    await gathering.ask('a');
    expect(statements).toEqual([['a'], ['a']]);
    const release: (() => void)[] = [];
    const slow = gathered('share', (questions) =>
      new Promise<void>((resolve) => release.push(resolve)).then(() => questions),
    );
    const first = slow.gathering.ask('a');
    await new Promise(setImmediate);
    const second = slow.gathering.ask('a');
    await new Promise(setImmediate);
    expect(slow.statements).toEqual([['a'], ['a']]);
    for (const each of release) each();
    await Promise.all([first, second]);
  });

  it('asks equal questions once, and lets equal acts take turns, never two in a statement', async () => {
    const shared = gathered('share');
    expect(await Promise.all(['a', 'b', 'a'].map((each) => shared.gathering.ask(each)))).toEqual(['a!', 'b!', 'a!']);
    expect(shared.statements).toEqual([['a', 'b']]);
    const acts = gathered('take turns');
    await Promise.all(['a', 'b', 'a', 'a'].map((each) => acts.gathering.ask(each)));
    expect(acts.statements).toEqual([['a', 'b'], ['a'], ['a']]);
  });

  it('has two statements under way at most, and gathers what comes meanwhile', async () => {
    const release: (() => void)[] = [];
    const { gathering, statements } = gathered('take turns', async (questions) => {
      await new Promise<void>((resolve) => release.push(resolve));
      return questions;
    });
    const answers = [];
    for (const question of ['a', 'b', 'c', 'd']) {
      answers.push(gathering.ask(question));
      await new Promise(setImmediate);
    }
    expect(statements).toEqual([['a'], ['b']]);
    release[0]?.();
    await answers[0];
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(statements).toEqual([['a'], ['b'], ['c', 'd']]);
    release.forEach((each) => {
      each();
    });
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('asks no more than 64 at once', async () => {
    const { gathering, statements } = gathered('share');
    await Promise.all(Array.from({ length: 150 }, (_, index) => gathering.ask(String(index))));
    expect(statements.map(({ length }) => length)).toEqual([64, 64, 22]);
  });

  it.each([
    ['text that no column can hold', new OAuthError('invalid_request', 'malformed_request')],
    ['a statement that is wrong for it', new StoreFailure('23505', undefined, undefined, '')],
    ['a lock that does not come', unavailable('55P03')],
    ['a deadlock', unavailable('40P01')],
  ])('does not let one question spoil the others by %s', async (_, error) => {
    const { gathering } = gathered('take turns', (questions) =>
      questions.includes('bad') ? Promise.reject(error) : Promise.resolve(questions),
    );
    const answers = await Promise.allSettled(['a', 'bad', 'b'].map((each) => gathering.ask(each)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(answers[1]).toMatchObject({ reason: error });
  });

  it.each([
    ['a lost connection', unavailable()],
    ['a failure that is not the database’s', new TypeError('an answer that cannot be read')],
    ['a socket that breaks in a way nobody foresaw', Object.assign(new Error('gone'), { code: 'ERR_SOCKET_CLOSED' })],
  ])('repeats nothing of which nobody knows whether it happened: %s', async (_, error) => {
    const { gathering, statements } = gathered('take turns', () => Promise.reject(error));
    const answers = await Promise.allSettled(['a', 'b'].map((each) => gathering.ask(each)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(statements).toHaveLength(1);
  });

  it('keeps nobody waiting for a store that is lost: who waits behind is told so with those that asked', async () => {
    const fail: ((error: Error) => void)[] = [];
    const { gathering, statements } = gathered('take turns', () => new Promise((_, reject) => fail.push(reject)));
    const answers = [];
    for (const question of ['a', 'b', 'c', 'd', 'a']) {
      answers.push(gathering.ask(question).catch((error: unknown) => error));
      await new Promise(setImmediate);
    }
    expect(statements).toEqual([['a'], ['b']]);
    const lost = unavailable();
    fail[0]?.(lost);
    expect([await answers[0], await answers[2], await answers[3], await answers[4]]).toEqual([lost, lost, lost, lost]);
    fail[1]?.(lost);
    expect(await answers[1]).toBe(lost);
    expect(statements).toHaveLength(2);
  });

  it('goes on for those who wait when a statement fails for something else', async () => {
    const fail: ((error: Error) => void)[] = [];
    const { gathering } = gathered('share', (questions) =>
      questions.includes('c') ? Promise.resolve(questions) : new Promise((_, reject) => fail.push(reject)),
    );
    const answers = [];
    for (const question of ['a', 'b', 'c']) {
      answers.push(gathering.ask(question).catch((error: unknown) => error));
      await new Promise(setImmediate);
    }
    for (const each of fail) each(unavailable('55P03'));
    expect(await answers[2]).toBe('c');
  });

  it('goes on after a failure', async () => {
    let failures = 1;
    const { gathering } = gathered('share', (questions) =>
      failures-- > 0 ? Promise.reject(unavailable()) : Promise.resolve(questions),
    );
    await expect(gathering.ask('a')).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    expect(await gathering.ask('a')).toBe('a');
  });
});
