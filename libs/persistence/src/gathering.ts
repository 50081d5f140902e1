/**
 * What many requests ask of the database at the same moment, asked in one statement. Whatever comes in one turn of the
 * event loop goes together, and while two statements are under way what comes waits for one of them to end: the busier
 * the server, the fewer statements a request. Nothing waits for a timer, so an idle server answers no later.
 *
 * No answer is older than its question: a statement is sent after everything it answers was asked. And nobody can spoil
 * it for the others: when a statement fails for what one of the questions holds, or for a lock that one of them met, each
 * is asked again alone. One whose outcome is unknown, because the connection was lost, is not.
 */
import { OAuthError } from '@gatehouse/protocol';
import { StoreFailure } from './store-failure.js';

/** Under way at a time; with one, the database would idle while its last answer is read. */
const LANES = 2;
/** Questions in a statement at most: it is answered, and fails, as a whole. */
const MOST = 64;

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly key: string;
  readonly answer: Promise<Answer>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export interface Gathered<Question, Answer> {
  /** Two questions with one key are the same. */
  readonly keyOf: (question: Question) => string;
  /** Equal questions that wait together: one answer for both, or, for acts, one after the other. */
  readonly equal: 'share' | 'take turns';
  /** The answers, in the order of the questions. */
  readonly ask: (questions: readonly Question[]) => Promise<readonly Answer[]>;
}

export class Gathering<Question, Answer> {
  readonly #how: Gathered<Question, Answer>;
  #waiting = new Map<string, Waiting<Question, Answer>>();
  /** Acts whose equal waits or is under way. */
  #turns: Waiting<Question, Answer>[] = [];
  /** Keys of acts under way: two statements must not wait for each other's rows. */
  readonly #acting = new Set<string>();
  #underWay = 0;
  #planned = false;

  constructor(how: Gathered<Question, Answer>) {
    this.#how = how;
  }

  ask(question: Question): Promise<Answer> {
    const key = this.#how.keyOf(question);
    const equal = this.#waiting.get(key);
    if (equal && this.#how.equal === 'share') return equal.answer;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const waiting = { question, key, answer: promise, resolve, reject };
    if (equal || this.#acting.has(key)) this.#turns.push(waiting);
    else this.#waiting.set(key, waiting);
    this.#plan();
    return promise;
  }

  #plan(): void {
    if (this.#planned || this.#underWay >= LANES || this.#waiting.size === 0) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      if (this.#underWay < LANES) void this.#send();
    });
  }

  async #send(): Promise<void> {
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#underWay += 1;
    this.#plan();
    await this.#answer(batch);
    this.#underWay -= 1;
    if (this.#how.equal === 'take turns') this.#nextTurns(batch);
    this.#plan();
  }

  #take(): readonly Waiting<Question, Answer>[] {
    const all = [...this.#waiting.values()];
    const batch = all.slice(0, MOST);
    this.#waiting = new Map(all.slice(MOST).map((waiting) => [waiting.key, waiting]));
    if (this.#how.equal === 'take turns') for (const { key } of batch) this.#acting.add(key);
    return batch;
  }

  #nextTurns(ended: readonly Waiting<Question, Answer>[]): void {
    for (const { key } of ended) this.#acting.delete(key);
    const turns = this.#turns;
    this.#turns = [];
    for (const waiting of turns)
      if (this.#waiting.has(waiting.key) || this.#acting.has(waiting.key)) this.#turns.push(waiting);
      else this.#waiting.set(waiting.key, waiting);
  }

  async #answer(batch: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await this.#how.ask(batch.map(({ question }) => question));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      if (batch.length > 1 && wasRolledBack(error)) await Promise.all(batch.map((each) => this.#answer([each])));
      else this.#refuse(batch, error);
    }
  }

  /**
   * Who waits for a lane while the store does not answer is refused with those that found out: some seconds for each
   * statement, and nobody would be told in time.
   */
  #refuse(batch: readonly Waiting<Question, Answer>[], error: unknown): void {
    for (const { reject } of batch) reject(error);
    if (!(error instanceof OAuthError) || wasRolledBack(error)) return;
    for (const { reject } of [...this.#waiting.values(), ...this.#turns]) reject(error);
    this.#waiting.clear();
    this.#turns = [];
  }
}

/** States after which nothing of the statement has happened, though the caller is told "temporarily unavailable". */
const ROLLED_BACK = /^(40001|40P01|55P03|57014)$/;

/**
 * Only the database can say so. An act that happened and is made again would look like a second use of what it spent, and
 * end what it began.
 */
function wasRolledBack(error: unknown): boolean {
  if (!(error instanceof OAuthError)) return error instanceof StoreFailure;
  if (error.code !== 'temporarily_unavailable') return true;
  return error.cause instanceof StoreFailure && ROLLED_BACK.test(error.cause.sqlState);
}
