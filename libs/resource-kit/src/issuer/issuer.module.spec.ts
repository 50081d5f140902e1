import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, McpRaw, pause, readChallenge } from '@gatehouse/test-kit';
import { startTestServer, type TestServer } from '../testing/index.js';
import { StubIssuer } from '../testing/stub-issuer.js';
import { sampleResources } from '../testing/sample-resources.js';

let server: TestServer;
afterEach(() => server.close());

const secret = { id: 'rs-1', secret: 'a:secret/with+odd characters' };
const list = (at: TestServer, token: string) => new McpRaw(at.notes).modern('tools/list', { token });

describe('a resource server and its issuer', () => {
  it('asks for the keys once, not per request', async () => {
    server = await startTestServer();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => server.token()));
    await Promise.all(tokens.map((token) => list(server, token)));
    expect(server.issuer.requests).toEqual(['/.well-known/oauth-authorization-server/t1', '/t1/jwks.json']);
  });

  it('RS-44: refuses a revoked token when the remembered answer has ended, and not later', async () => {
    server = await startTestServer({ credentials: secret, livenessSeconds: 1 });
    const token = await server.token();
    expect((await list(server, token)).status).toBe(200);
    server.issuer.revoked.add(token);
    expect((await list(server, token)).status).toBe(200);
    await pause(1050);
    const answer = await list(server, token);
    expect([answer.status, readChallenge(answer.header('www-authenticate')).parameters['error']]).toEqual([
      401,
      'invalid_token',
    ]);
  });

  it('RS-44: without an answer nobody comes in, and nobody is told that the token is bad', async () => {
    server = await startTestServer({ credentials: secret, livenessSeconds: 0 });
    const token = await server.token();
    expect((await list(server, token)).status).toBe(200);
    server.issuer.broken = true;
    const answer = await list(server, token);
    expect([answer.status, answer.error, answer.header('www-authenticate')]).toEqual([
      503,
      'temporarily_unavailable',
      undefined,
    ]);
    expect(answer.header('retry-after')).toBe('1');
    server.issuer.broken = false;
    expect((await list(server, token)).status).toBe(200);
  });

  it('takes wrong credentials for an issuer that does not answer, not for a yes', async () => {
    server = await startTestServer({ credentials: { id: 'rs-1', secret: 'wrong' } });
    expect((await list(server, await server.token())).status).toBe(503);
  });

  it('is not ready, and answers 503, while the issuer is away', async () => {
    server = await startTestServer({ issuer: 'http://127.0.0.1:9/t1', resources: sampleResources() });
    expect((await ask(`${server.origin}/health/ready`)).status).toBe(503);
    expect((await ask(`${server.origin}/health/live`)).status).toBe(200);
    expect((await list(server, await server.token())).status).toBe(503);
    expect((await new McpRaw(server.notes).modern('tools/list')).status).toBe(401);
  });

  it('RS-46: takes no keys from a document that speaks for another issuer', async () => {
    const impostor = await StubIssuer.start();
    server = await startTestServer({ issuer: impostor.identifier.replace('/t1', '/t2') });
    expect((await list(server, await impostor.signer.token(server.notes))).status).toBe(503);
    await impostor.stop();
  });
});
