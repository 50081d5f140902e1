import { describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { house, stack } from './house.js';

/** What the server answers to raw bytes. */
function say(bytes: string): Promise<string> {
  const { hostname, port } = new URL(stack.issuer);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    socket.setTimeout(5_000, () => socket.destroy());
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
    });
    // A server that closes on unread bytes resets the connection; what it said before that counts.
    socket
      .on('error', (error) => {
        if (answer === '') reject(error);
      })
      .once('close', () => {
        resolve(answer);
      });
  });
}

describe('bytes that are no proper HTTP', () => {
  const host = `Host: ${new URL(stack.issuer).host}\r\nConnection: close\r\n`;
  const post = `POST /token HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\n`;

  it.each([
    ['garbage', 'GARBAGE\r\n\r\n'],
    ['a TLS greeting', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03'.padEnd(200, 'x') + '\r\n\r\n'],
    ['two lengths', `${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\na=1`],
    [
      'a length and chunks, the way requests are smuggled',
      `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a bad chunk', `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`],
    ['a space before the colon', `GET /jwks.json HTTP/1.1\r\n${host}X-A : 1\r\n\r\n`],
    ['no host', 'GET /jwks.json HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ])('are refused with a 4xx: %s', async (_, bytes) => {
    const answer = await say(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toMatch(/node_modules|\bat [\w.<>]+ \(|HPE_|FST_/);
    expect((await house.ask('health/live')).status).toBe(200);
  });

  it('are cut off when a header never ends', async () => {
    const answer = await say(`GET /jwks.json HTTP/1.1\r\n${host}X-Large: ${'x'.repeat(70_000)}\r\n\r\n`).catch(
      () => 'reset',
    );
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |reset$)/);
    expect((await house.ask('health/live')).status).toBe(200);
  });
});
