import type { AccountId } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { SoftwareAuthenticator } from './testing/index.js';
import { WebauthnCeremonies } from './webauthn-ceremonies.js';

const ISSUER = 'https://id.example';
const ceremonies = new WebauthnCeremonies(`${ISSUER}/tenant`);
const authenticator = new SoftwareAuthenticator(ISSUER);
const passkey = authenticator.passkeyOf('0190a0a0-0000-7000-8000-000000000001' as AccountId, new Date(0));
const challenge = randomBytes(32).toString('base64url');

describe('WebauthnCeremonies', () => {
  it('asks for verified users of this host, and takes the answer with its counter', async () => {
    expect(await ceremonies.ask(challenge, [passkey])).toMatchObject({
      rpId: 'id.example',
      challenge,
      userVerification: 'required',
      allowCredentials: [{ id: passkey.credentialId }],
    });
    const owner = { accountId: passkey.accountId, username: 'anna', displayName: 'Anna', challenge, known: [passkey] };
    expect(await ceremonies.askForNew(owner)).toMatchObject({
      rp: { id: 'id.example' },
      challenge,
      attestation: 'none',
      authenticatorSelection: { userVerification: 'required' },
      excludeCredentials: [{ id: passkey.credentialId }],
    });
    expect(await ceremonies.counterOf(authenticator.answer(challenge, { counter: 7 }), challenge, passkey)).toBe(7);
    expect(ceremonies.credentialOf(authenticator.answer(challenge))).toBe(passkey.credentialId);
  });

  it.each([
    ['for another challenge', {}, randomBytes(32).toString('base64url')],
    ['made on another site', { origin: 'https://id.example.evil' }, challenge],
    ['made on another scheme', { origin: 'http://id.example' }, challenge],
    ['made on another port', { origin: 'https://id.example:8443' }, challenge],
    ['for another relying party', { rpId: 'example' }, challenge],
    ['of the other ceremony', { type: 'webauthn.create' }, challenge],
    ['without verification of its user', { flags: 0x01 }, challenge],
    ['without anybody there', { flags: 0x04 }, challenge],
  ])('takes no answer %s', async (_, lies, asked) => {
    expect(await ceremonies.counterOf(authenticator.answer(challenge, lies), asked, passkey)).toBeUndefined();
  });

  it('takes no answer that another key signed', async () => {
    const other = new SoftwareAuthenticator(ISSUER);
    const forged = JSON.stringify({
      ...(JSON.parse(other.answer(challenge)) as object),
      id: passkey.credentialId,
      rawId: passkey.credentialId,
    });
    expect(await ceremonies.counterOf(forged, challenge, passkey)).toBeUndefined();
  });

  it.each(['', '{', 'null', '[]', '{"id":7}', JSON.stringify({ id: 'x'.repeat(30_000) }), '{"id":"a","response":{}}'])(
    'takes nothing for an answer that is none (%.20s)',
    async (text) => {
      expect(await ceremonies.counterOf(text, challenge, passkey)).toBeUndefined();
      expect(await ceremonies.newKey(text, challenge)).toBeUndefined();
    },
  );

  it('is there for domains only', () => {
    const at = (issuer: string) => new WebauthnCeremonies(issuer).available;
    expect([ISSUER, 'http://localhost:4000', 'http://127.0.0.1:4000', 'http://[::1]:4000'].map(at)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
