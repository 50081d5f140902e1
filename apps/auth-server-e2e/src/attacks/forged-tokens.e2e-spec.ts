import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basic } from '@gatehouse/protocol';
import { McpRaw, readChallenge } from '@gatehouse/test-kit';
import { anna, house, invoices, stack } from '../flows/house.js';
import { reasonsOf } from './refusals.js';

type Json = Readonly<Record<string, unknown>>;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const attackers = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const attackersJwk = attackers.publicKey.export({ format: 'jwk' });
const es256 = (data: string) =>
  sign('sha256', Buffer.from(data), { key: attackers.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');

/** CVE-2026-16093 (decided on an unsigned header), CVE-2026-9793 (policy passed by wrapping), CVE-2022-21449 (r = s = 0). */
describe('a forged access token', () => {
  let genuine: string;
  let header: Json;
  let claims: Json;
  let signature: string;
  let published: JsonWebKey & { kid: string };
  let keyServer: Server;
  let visits = 0;

  beforeAll(async () => {
    genuine = (await house.connected({ decision: { account: anna }, resource: invoices })).tokens.access_token;
    const [head = '', body = '', tail = ''] = genuine.split('.');
    header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Json;
    claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Json;
    signature = tail;
    const { keys } = (await house.ask('jwks.json')).json<{ keys: (JsonWebKey & { kid: string })[] }>();
    published = keys.find(({ kid }) => kid === header['kid'])!;
    keyServer = createServer((_, response) => {
      visits += 1;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: [{ ...attackersJwk, kid: published.kid, alg: 'ES256', use: 'sig' }] }));
    });
    await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    keyServer.close();
  });

  const forge = (head: Json, by: (data: string) => string = es256, body: Json = claims) => {
    const data = `${encode({ ...header, ...head })}.${encode(body)}`;
    return `${data}.${by(data)}`;
  };
  const keyAddress = () => `http://127.0.0.1:${String((keyServer.address() as AddressInfo).port)}/jwks.json`;

  /** Refused at the resource server, in both revisions, and by introspection, for one of these reasons. */
  async function expectRefused(token: string, ...expected: string[]): Promise<void> {
    const reasons = await reasonsOf(async () => {
      for (const answer of [
        await new McpRaw(invoices).modern('tools/list', { token }),
        await new McpRaw(invoices).legacy('tools/list', { token }),
      ]) {
        expect([token, answer.status]).toEqual([token, 401]);
        expect(readChallenge(answer.header('www-authenticate')).parameters['error']).toBe('invalid_token');
      }
    }, 'resource-server');
    for (const reason of reasons) expect(expected).toContain(reason);
    expect(reasons).toHaveLength(2);
    const { clientId, clientSecret } = stack.introspection;
    expect((await house.introspect(basic(clientId, clientSecret), token)).json()).toEqual({ active: false });
  }

  it('with the algorithm none, in any spelling, is refused', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null])
      for (const tail of ['', signature])
        await expectRefused(
          forge({ alg }, () => tail),
          'wrong_algorithm',
        );
  });

  it('signed by HMAC with our public key for a secret is refused', async () => {
    const key = createPublicKey({ key: published, format: 'jwk' });
    const secrets = [
      key.export({ type: 'spki', format: 'pem' }),
      key.export({ type: 'spki', format: 'der' }),
      JSON.stringify(published),
      Buffer.from(published.x ?? '', 'base64url'),
      '',
    ];
    for (const secret of secrets)
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS512', 'sha512'],
        ['ES256', 'sha256'],
      ] as const) {
        const token = forge({ alg }, (data) => createHmac(hash, secret).update(data).digest('base64url'));
        await expectRefused(token, 'wrong_algorithm', 'wrong_signature');
      }
  });

  it('that names another algorithm of the same family is refused', async () => {
    for (const alg of ['ES384', 'ES512', 'ES256K', 'RS256', 'PS256', 'EdDSA', 'es256'])
      await expectRefused(forge({ alg }), 'wrong_algorithm');
  });

  it('with a signature of nothing is refused', async () => {
    for (const tail of ['A'.repeat(86), '', 'AA', signature.slice(0, -4), signature.toLowerCase()])
      await expectRefused(
        forge({}, () => tail),
        'wrong_signature',
        'malformed_access_token',
      );
  });

  it('that brings its key along (jwk, x5c) is refused', async () => {
    await expectRefused(forge({ jwk: attackersJwk }), 'malformed_access_token');
    await expectRefused(forge({ jwk: attackersJwk, kid: undefined }), 'malformed_access_token');
    await expectRefused(forge({ x5c: [attackers.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] }), 'malformed_access_token'); // prettier-ignore
  });

  it('that names an address for its key (jku, x5u) is refused, and nobody goes there', async () => {
    await expectRefused(forge({ jku: keyAddress() }), 'malformed_access_token');
    await expectRefused(forge({ x5u: keyAddress() }), 'malformed_access_token');
    await expectRefused(forge({ kid: keyAddress() }), 'unknown_key');
    await expectRefused(forge({ jku: `${stack.issuer}/jwks.json@${keyAddress()}` }), 'malformed_access_token');
    await expectRefused(forge({}, es256, { ...claims, iss: new URL(keyAddress()).origin }), 'wrong_signature');
    expect(visits).toBe(0);
  });

  it('with a kid that would be a path, a query or a command is refused', async () => {
    const kids = ['../../../../dev/null', '/dev/null', "x' UNION SELECT 'AA", '$(id)', '__proto__', '', 7, null, ['x']];
    for (const kid of kids) await expectRefused(forge({ kid }), 'unknown_key');
    await expectRefused(forge({ kid: 'x'.repeat(5_000) }), 'unknown_key');
    await expectRefused(forge({}), 'wrong_signature');
  });

  it('of another type, or with extensions that we do not understand, is refused', async () => {
    for (const typ of ['JWT', 'jwt', undefined, 'dpop+jwt', 'oauth-id-jag+jwt', 'logout+jwt', 'at+jwt+x'])
      await expectRefused(forge({ typ }), 'wrong_token_type');
    for (const extension of [{ crit: ['exp'] }, { b64: false, crit: ['b64'] }, { zip: 'DEF' }])
      await expectRefused(forge(extension), 'malformed_access_token');
  });

  it('with the claims of one and the signature of another token is refused', async () => {
    for (const change of [{ scope: 'invoices:refund' }, { sub: 'admin' }, { exp: 9_999_999_999 }, { aud: '*' }])
      await expectRefused(
        forge({}, () => signature, { ...claims, ...change }),
        'wrong_signature',
      );
  });

  it('in another serialisation, or wrapped, is refused', async () => {
    const [head = '', body = ''] = genuine.split('.');
    const flat = JSON.stringify({ protected: head, payload: body, signature });
    for (const token of [
      Buffer.from(flat).toString('base64url'),
      `${genuine}.`,
      `.${genuine}`,
      `${encode({ alg: 'dir', enc: 'A128GCM', cty: 'at+jwt' })}..AAAA.${encode(claims)}.AAAA`,
      forge({ cty: 'JWT', typ: 'at+jwt' }, es256, { token: genuine }),
    ])
      await expectRefused(token, 'malformed_access_token', 'wrong_signature');
    const answer = await new McpRaw(invoices).modern('tools/list', { headers: { authorization: `Bearer ${flat}` } });
    expect([400, 401]).toContain(answer.status);
  });

  it('does not keep the genuine one from being good', async () => {
    expect((await new McpRaw(invoices).modern('tools/list', { token: genuine })).status).toBe(200);
  });
});
