import { attemptCounterContract } from '@gatehouse/identity/testing';
import { afterAll, beforeAll } from '@jest/globals';
import { openTestDatabase } from '../testing/index.js';
import { PgAttemptCounter } from './attempt.counter.js';

let test: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

attemptCounterContract(async () => new PgAttemptCounter(test.database));
