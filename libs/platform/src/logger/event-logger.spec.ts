import { describe, expect, it } from '@jest/globals';
import type { LogLevel } from '../configuration/schemas.js';
import { EventLogger } from './event-logger.js';
import { redactText } from './redaction.js';

function open(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const logger = new EventLogger({ app: 'test', level, destination: { write: (line) => lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

const secrets = {
  'an access token': `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl`,
  'a refresh token': `ghr_${'A'.repeat(60)}`,
  'a session cookie': `gatehouse-session=ghw_${'b'.repeat(43)}`,
  'a bearer header': 'Bearer opaque-token-of-somebody',
  'a basic header': 'Basic Y2xpZW50OnNlY3JldA==',
  'a password hash': '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
  'a connection URL': 'postgres://gatehouse:hunter2hunter2@db:5432/gatehouse',
  'a query string': 'https://app.example/callback?code=abcdef123456&state=xyz987654',
  'a form': 'grant_type=authorization_code&code_verifier=verifier-verifier-verifier&client_secret=hush-hush',
};

describe('EventLogger', () => {
  it('writes an event with its fields as one line of JSON', () => {
    const { logger, lines, last } = open();
    logger.event('listening', { port: 4000 });
    expect(lines).toHaveLength(1);
    expect(last()).toEqual({ level: 'info', time: expect.any(String), app: 'test', event: 'listening', port: 4000 });
  });

  it('keeps to its level', () => {
    const { logger, lines } = open('warn');
    logger.event('listening');
    logger.detail('request');
    logger.log('Nest says');
    logger.warning('slow', { milliseconds: 5 });
    logger.failure('broken', new Error('x'));
    expect(lines).toHaveLength(2);
  });

  it('stays one line whatever stands in a field', () => {
    const { logger, lines } = open();
    logger.event('odd', { text: 'a\n{"level":"fatal"}\r\u2028' });
    expect(lines.join('').trimEnd().split('\n')).toHaveLength(1);
  });

  it.each(Object.entries(secrets))('cuts %s out of a message, a stack, a cause and a field', (_, secret) => {
    const { logger, lines } = open();
    logger.failure('broken', new Error(`near ${secret}`, { cause: new TypeError(secret) }), { where: secret });
    logger.error(`unexpected: ${secret}`, `Error: ${secret}\n    at x`, 'ExceptionsHandler');
    logger.warn(new Error(secret));
    const hidden = secret.replace(/^(Bearer|Basic) |^gatehouse-session=|^postgres:\/\/gatehouse:|@db.*$|^.*\?/g, '');
    expect(lines.join('')).not.toContain(hidden);
    expect(lines.join('')).not.toMatch(/hunter2|hush-hush|verifier-verifier|abcdef123456|ghr_A|ghw_b/);
    expect(lines.join('')).toContain('[redacted]');
  });

  it('hides fields by their name', () => {
    const { logger, lines } = open();
    logger.event('odd', { authorization: 'x', cookie: 'y', password: 'z', 'set-cookie': 'w', token: 'v' });
    expect(lines.join('')).not.toMatch(/":"[v-z]"/);
  });

  it('leaves out what a driver hangs on its errors', () => {
    const { logger, lines, last } = open();
    const error = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Key (username)=(anna) already exists.',
      parameters: ['anna'],
      query: 'INSERT …',
    });
    logger.failure('broken', error);
    expect(last()['error']).toEqual({
      type: 'Error',
      message: 'duplicate key',
      code: '23505',
      stack: expect.any(String),
    });
    expect(lines.join('')).not.toContain('anna');
  });

  it('writes what Nest says as events of the framework', () => {
    const { logger, last } = open();
    logger.warn('Careful', 'Router');
    expect(last()).toMatchObject({ level: 'warn', event: 'framework', context: 'Router', message: 'Careful' });
    logger.error('Broken', 'Error: x\n  at y', 'Handler');
    expect(last()).toMatchObject({ level: 'error', context: 'Handler', message: 'Broken', stack: 'Error: x\n  at y' });
    logger.error(new Error('Broken'), 'Handler');
    expect(last()).toMatchObject({ context: 'Handler', error: { message: 'Broken' } });
  });
});

describe('redactText', () => {
  it('leaves plain words alone', () => {
    for (const text of ['Is it ready? Yes.', 'basic authentication', 'GET /things/:id', 'http://127.0.0.1:4000/mcp'])
      expect(redactText(text)).toBe(text);
  });

  it('takes no time to speak of on a long hostile line', () => {
    const started = performance.now();
    for (const piece of ['?', '?a', 'eyJ', 'ghr_', '://a:', 'code=', 'Bearer ', '$argon2id$'])
      redactText(piece.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
