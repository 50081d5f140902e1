import { describe, expect, it } from '@jest/globals';
import { queueOptions, queueTechnology } from './queue-connection.js';
import { migrateQueue } from './queue-migration.js';

describe('queueTechnology', () => {
  it.each([
    ['postgres://u@h/d', 'postgres'],
    ['postgresql://u@h/d', 'postgres'],
    ['redis://h:6379', 'redis'],
    ['rediss://h:6379', 'redis'],
  ])('reads %s', (url, technology) => {
    expect(queueTechnology(url)).toBe(technology);
  });

  it.each(['mysql://u:hunter2@h', 'postgres-evil://u:hunter2@h', 'hunter2', ''])(
    'refuses %j without repeating it',
    (url) => {
      expect(() => queueTechnology(url)).toThrow(TypeError);
      expect(() => queueTechnology(url)).not.toThrow(/hunter2/);
    },
  );
});

describe('queueOptions', () => {
  it('waits for a lost Redis for ever, under one hash tag', () => {
    expect(queueOptions('redis://h:6379')).toMatchObject({
      connection: { url: 'redis://h:6379', maxRetriesPerRequest: null },
      prefix: '{gatehouse}',
    });
  });

  it('takes few connections of a PostgreSQL and a schema of its own', () => {
    expect(queueOptions('postgres://h/d').connection).toEqual({
      connectionString: 'postgres://h/d',
      schema: 'bullmq',
      max: 3,
    });
    queueOptions('redis://h:6379');
  });

  it('keeps no finished job for ever', () => {
    expect(queueOptions('redis://h:6379').defaultJobOptions).toMatchObject({
      removeOnComplete: { age: 86_400 },
      removeOnFail: { age: 604_800 },
    });
  });
});

describe('migrateQueue', () => {
  it('has nothing to do for Redis, and does not even connect', async () => {
    await expect(migrateQueue('redis://127.0.0.1:1')).resolves.toBeUndefined();
  });
});
