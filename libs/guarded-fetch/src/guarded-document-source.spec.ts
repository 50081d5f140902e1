import { selfSigned } from '@gatehouse/test-kit';
import type { ClientId } from '@gatehouse/protocol';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { GuardedDocumentSource } from './guarded-document-source.js';
import { GuardedFetch } from './guarded-fetch.js';

describe('metadata documents by guarded fetch', () => {
  let server: Server;
  let origin: string;
  beforeAll(async () => {
    server = createServer(selfSigned(), (request, response) => {
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304, { 'cache-control': 'max-age=9' }).end();
      else if (request.url === '/large') response.end('x'.repeat(6 * 1024));
      else {
        const headers = { 'content-type': 'application/json', etag: '"v1"', 'cache-control': 'max-age=60', age: '5' };
        response.writeHead(request.url === '/moved' ? 301 : 200, headers).end('{}');
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const at = (url: string) => url as ClientId;
  const clock = new StoppedClock();
  const inDevelopment = () => new GuardedDocumentSource(new GuardedFetch({ clock, loopbackFor: 'http://localhost' }));

  it('come with what is needed to keep them', async () => {
    const answer = await inDevelopment().get(at(`${origin}/client.json`));
    expect(answer).toMatchObject({
      kind: 'answer',
      status: 200,
      contentType: 'application/json',
      etag: '"v1"',
      cacheControl: 'max-age=60',
      age: '5',
    });
    expect(await inDevelopment().get(at(`${origin}/client.json`), '"v1"')).toMatchObject({
      status: 304,
      cacheControl: 'max-age=9',
    });
  });

  it('are answers of the address itself: a redirect is handed on as what it is (AS-82)', async () => {
    expect(await inDevelopment().get(at(`${origin}/moved`))).toMatchObject({ kind: 'answer', status: 301 });
  });

  it('fail with a reason the operator understands (AS-86, AS-87, AS-96)', async () => {
    const production = new GuardedDocumentSource(new GuardedFetch({ clock, loopbackFor: 'https://auth.example.com' }));
    const reasonOf = async (source: GuardedDocumentSource, url: string) => {
      const answer = await source.get(at(url));
      return answer.kind === 'failure' ? answer.reason : answer;
    };
    expect(await reasonOf(production, `${origin}/client.json`)).toBe('client_document_forbidden_address');
    expect(await reasonOf(inDevelopment(), `${origin}/large`)).toBe('client_document_oversized');
    const dead = inDevelopment();
    expect(await reasonOf(dead, 'https://127.0.0.1:1/client.json')).toBe('client_document_unreachable');
    expect(await reasonOf(dead, 'https://127.0.0.1:1/client.json')).toBe('client_document_unreachable');
    const full = new GuardedFetch({ clock, loopbackFor: 'http://localhost', budget: { total: 0 } });
    expect(await reasonOf(new GuardedDocumentSource(full), `${origin}/client.json`)).toBe('client_documents_busy');
  });
});
