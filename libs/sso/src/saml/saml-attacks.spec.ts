/**
 * What an attacker can do with answers of an identity provider, beside what an honest person does with them. One list, so that
 * a reviewer sees in one place what was tried.
 */
import { type ConfiguredProvider, type ExternalPerson, SsoProblem } from '@gatehouse/identity';
import { MemoryUsedAssertionStore, StoppedClock } from '@gatehouse/identity/testing';
import { CorporateSaml, type CorporateSamlOptions, rewritten, selfSigned } from '@gatehouse/test-kit';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { SamlConnector } from './saml.connector.js';

const CALLBACK = 'https://as.example/sso/corp/acs';
const anna = {
  nameId: 'anna-4711',
  attributes: { email: ['anna@corp.example'], displayName: ['Anna'], groups: ['finance', 'staff'] },
};

/** One company, one login that left, ready to come back. */
class Trip {
  readonly clock = new StoppedClock(new Date());
  readonly used = new MemoryUsedAssertionStore();
  readonly connector = new SamlConnector({
    clock: this.clock,
    used: this.used,
    fetch: { fetch: () => Promise.reject(new Error('nothing is fetched')) },
  });
  provider!: ConfiguredProvider;
  memory!: Readonly<Record<string, string>>;
  requestId!: string;

  constructor(readonly idp: CorporateSaml) {}

  async begin(settings: Readonly<Record<string, unknown>> = {}): Promise<this> {
    this.provider = {
      id: 'corp' as ConfiguredProvider['id'],
      kind: 'saml',
      name: 'Corp',
      domains: ['corp.example'],
      justInTime: true,
      createdAt: this.clock.now(),
      settings: {
        entityId: this.idp.entityId,
        metadata: { xml: this.idp.metadata },
        emailsVerified: true,
        ...settings,
      },
      secrets: ourKeys,
    };
    expect(this.connector.problems(this.provider.settings, ourKeys)).toEqual([]);
    this.idp.trust(this.connector.serviceProviderMetadata(this.provider, CALLBACK));
    await this.depart();
    return this;
  }

  async depart(input: { anew?: boolean; maxAge?: number } = {}): Promise<void> {
    const { location, memory } = await this.connector.depart(this.provider, {
      callback: CALLBACK,
      state: 'ghv_state',
      ...input,
    });
    const request = await this.idp.read(location);
    expect(request).toMatchObject({ relayState: 'ghv_state', acs: CALLBACK });
    this.memory = memory;
    this.requestId = request.id;
  }

  arrive(samlResponse: string): Promise<ExternalPerson> {
    return this.connector.arrive(this.provider, {
      callback: CALLBACK,
      url: CALLBACK,
      state: 'ghv_state',
      memory: this.memory,
      form: new URLSearchParams({ SAMLResponse: samlResponse, RelayState: 'ghv_state' }),
    });
  }

  /** Why it was refused; the cause is what the log gets. */
  async refusal(samlResponse: string): Promise<string> {
    try {
      await this.arrive(samlResponse);
    } catch (error) {
      if (error instanceof SsoProblem) return `${error.reason}: ${(error.cause as Error | undefined)?.message ?? ''}`;
      throw error;
    }
    return 'accepted';
  }
}

let ourKeys: Readonly<Record<string, string>>;
const keys = selfSigned('idp.corp.example', 'rsa');

function trip(options: CorporateSamlOptions = {}, settings: Readonly<Record<string, unknown>> = {}): Promise<Trip> {
  return new Trip(new CorporateSaml({ keys, ...options })).begin(settings);
}

beforeAll(async () => {
  const clock = new StoppedClock(new Date());
  const maker = new SamlConnector({
    clock,
    used: new MemoryUsedAssertionStore(),
    fetch: { fetch: () => Promise.reject(new Error()) },
  });
  ourKeys = await maker.complete('corp', {});
});

describe('an honest person', () => {
  it.each([
    ['a signed assertion', {}, {}],
    ['a signed response', { signs: 'response' }, { signed: 'response' }],
    ['both signed', { signs: 'both' }, { signed: 'both' }],
    ['both signed where the assertion is asked for', { signs: 'both' }, {}],
    ['an encrypted signed assertion', { encrypts: true }, { encrypted: true }],
    ['an encrypted assertion in a signed response', { encrypts: true, signs: 'both' }, { signed: 'both' }],
    [
      'an unauthenticated cipher under a signed response',
      { encrypts: true, signs: 'both', cipher: 'http://www.w3.org/2001/04/xmlenc#aes256-cbc' },
      {},
    ],
  ] as const)('comes in by %s', async (_, options, settings) => {
    const house = await trip(options, settings);
    expect(await house.arrive(await house.idp.answer(house.requestId, anna))).toEqual({
      issuer: house.idp.entityId,
      subject: 'anna-4711',
      email: 'anna@corp.example',
      emailVerified: true,
      displayName: 'Anna',
      groups: ['finance', 'staff'],
      authenticatedAt: expect.any(Date),
      amr: ['pwd'],
      strong: false,
      upstreamSession: expect.any(String),
    });
  });

  it('comes in while the clocks differ by less than a minute', async () => {
    const house = await trip();
    const late = await house.idp.answer(house.requestId, anna, {
      ConditionsNotBefore: new Date(Date.now() + 40_000).toISOString(),
      AuthnInstant: new Date(Date.now() + 40_000).toISOString(),
    });
    expect(await house.refusal(late)).toBe('accepted');
  });

  it('comes in by the second of two certificates, and by the first, while the company changes them', async () => {
    const next = selfSigned('idp.corp.example', 'rsa');
    const rollover = new CorporateSaml({ keys, otherCertificates: [next.cert] }).metadata;
    for (const current of [keys, next]) {
      const house = await trip({ keys: current }, { metadata: { xml: rollover } });
      expect(await house.refusal(await house.idp.answer(house.requestId, anna))).toBe('accepted');
    }
  });

  it('is strong when the identity provider names a context that the operator maps', async () => {
    const house = await trip();
    const strong = await house.idp.answer(house.requestId, anna, { AuthnContext: 'https://refeds.org/profile/mfa' });
    expect(await house.arrive(strong)).toMatchObject({ strong: true, amr: ['mfa'] });
  });

  it('keeps a name with markup, umlauts and an ampersand as it is', async () => {
    const house = await trip();
    const named = { nameId: 'a&b', attributes: { displayName: ['Zoë <Ops> & "Co"'] } };
    expect(await house.arrive(await house.idp.answer(house.requestId, named))).toMatchObject({
      subject: 'a&b',
      displayName: 'Zoë <Ops> & "Co"',
    });
  });
});

describe('a forged answer is refused', () => {
  const mallory = (xml: string) => xml.replaceAll('anna-4711', 'mallory');
  const assertionOf = (xml: string) => /<saml:Assertion .*<\/saml:Assertion>/s.exec(xml)?.[0] ?? '';
  const withoutSignature = (xml: string) => xml.replace(/<ds:Signature .*<\/ds:Signature>/s, '');
  const evil = (xml: string) => mallory(withoutSignature(assertionOf(xml))).replace(/ ID="[^"]+"/, ' ID="_evil"');

  it.each<[string, (xml: string) => string]>([
    ['whose subject was altered', mallory],
    ['whose group was altered', (xml) => xml.replace('>staff<', '>admins<')],
    ['whose signature was taken away', withoutSignature],
    ['whose signature value is empty', (xml) => xml.replace(/(<ds:SignatureValue>)[^<]*/, '$1')],
    ['whose digest is of something else', (xml) => xml.replace(/(<ds:DigestValue>)[^<]*/, `$1${'A'.repeat(43)}=`)],
    [
      'with an unsigned assertion before the signed one',
      (xml) => xml.replace('<saml:Assertion ', `${evil(xml)}<saml:Assertion `),
    ],
    [
      'with an unsigned assertion after the signed one',
      (xml) => xml.replace('</samlp:Response>', `${evil(xml)}</samlp:Response>`),
    ],
    [
      'with the signed assertion inside the forged one (XSW)',
      (xml) => xml.replace(assertionOf(xml), evil(xml).replace('</saml:Issuer>', `</saml:Issuer>${assertionOf(xml)}`)),
    ],
    [
      'with the signed assertion inside the signature of the forged one (XSW)',
      (xml) => {
        const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
        const original = withoutSignature(assertionOf(xml));
        const carrying = signature.replace('</ds:Signature>', `<ds:Object>${original}</ds:Object></ds:Signature>`);
        return xml.replace(assertionOf(xml), evil(xml).replace('</saml:Issuer>', `</saml:Issuer>${carrying}`));
      },
    ],
    [
      'with the signed response in an extension of a forged one (XSW)',
      (xml) => {
        const extended = `<samlp:Extensions>${assertionOf(xml)}</samlp:Extensions>`;
        return xml.replace(assertionOf(xml), evil(xml)).replace('<samlp:Status>', `${extended}<samlp:Status>`);
      },
    ],
    [
      'whose forged assertion has the id of the signed one',
      (xml) => {
        const id = / ID="([^"]+)"/.exec(assertionOf(xml))?.[1] ?? '';
        return xml.replace('<saml:Assertion ', `${evil(xml).replace('_evil', id)}<saml:Assertion `);
      },
    ],
    [
      'whose response has the id of the assertion',
      (xml) => xml.replace(/ ID="[^"]+"/, ` ID="${/ ID="([^"]+)"/.exec(assertionOf(xml))?.[1] ?? ''}"`),
    ],
    [
      'with two signatures on the assertion',
      (xml) => {
        const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
        return xml.replace(signature, signature + signature);
      },
    ],
    ['with a comment in its NameID', (xml) => xml.replace('anna-4711', 'anna<!-- -->-4711')],
    ['with a processing instruction in its NameID', (xml) => xml.replace('anna-4711', 'anna<?x ?>-4711')],
    ['with CDATA in its NameID', (xml) => xml.replace('anna-4711', '<![CDATA[anna-4711]]>')],
    [
      'with an external entity (XXE)',
      (xml) => `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${xml.replace('anna-4711', '&x;')}`,
    ],
    ['with entities that grow (billion laughs)', (xml) => `<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${xml}`],
    ['in another encoding than it is read in', (xml) => `<?xml version="1.0" encoding="UTF-7"?>${xml}`],
    [
      'that says another destination',
      (xml) => xml.replace(` Destination="${CALLBACK}"`, ' Destination="https://as.example/sso/other/acs"'),
    ],
    ['that says no destination', (xml) => xml.replace(` Destination="${CALLBACK}"`, '')],
    ['that says it is to no request', (xml) => xml.replace(/ InResponseTo="[^"]+"/, '')],
    ['that says it is to another request', (xml) => xml.replace(/ InResponseTo="[^"]+"/, ' InResponseTo="_other"')],
    [
      'that says another issuer around the assertion',
      (xml) => xml.replace(/<saml:Issuer>[^<]+/, '<saml:Issuer>https://other.example'),
    ],
    [
      'whose assertion is signed by a key of nobody',
      (xml) => xml.replace(/(<ds:SignatureValue>).{40}/, `$1${'B'.repeat(40)}`),
    ],
    [
      'that is nested without end',
      (xml) => xml.replace('<samlp:Status>', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}<samlp:Status>`),
    ],
    [
      'of a thousand elements too many',
      (xml) => xml.replace('<samlp:Status>', `${'<a/>'.repeat(25_000)}<samlp:Status>`),
    ],
    ['that is huge', (xml) => xml.replace('<samlp:Status>', `<a>${'x'.repeat(400_000)}</a><samlp:Status>`)],
    ['with a null byte', (xml) => xml.replace('anna-4711', 'anna\u0000-4711')],
    ['that is no response', (xml) => assertionOf(xml)],
    ['that is a logout response', (xml) => xml.replaceAll('samlp:Response', 'samlp:LogoutResponse')],
    ['that is empty', () => ''],
    ['that is no XML', () => 'SAML says hello'],
  ])('%s', async (_, change) => {
    const house = await trip();
    const honest = await house.idp.answer(house.requestId, anna);
    expect(await house.refusal(rewritten(honest, change))).toMatch(/^invalid_provider_answer: ./);
    // The honest person is not hurt by it: nothing was used up.
    expect(house.used.used.size).toBe(0);
    expect(await house.refusal(honest)).toBe('accepted');
  });

  it('that is no base64, or no UTF-8', async () => {
    const house = await trip();
    for (const response of ['%%%', Buffer.from([0xff, 0xfe, 0x3c]).toString('base64')])
      expect(await house.refusal(response)).toMatch(/^invalid_provider_answer: /);
  });

  it('whose assertion in a signed response was swapped, also for one that was signed for somebody else', async () => {
    const house = await trip({ signs: 'both' });
    const other = await house.idp.answer(house.requestId, { nameId: 'mallory' });
    const otherAssertion = assertionOf(Buffer.from(other, 'base64').toString());
    const honest = await house.idp.answer(house.requestId, anna);
    const swapped = rewritten(honest, (xml) => xml.replace(assertionOf(xml), otherAssertion));
    expect(await house.refusal(swapped)).toMatch(/^invalid_provider_answer: /);
    const unsigned = rewritten(honest, (xml) => xml.replace(assertionOf(xml), evil(xml)));
    expect(await house.refusal(unsigned)).toMatch(/^invalid_provider_answer: /);
    expect(await house.refusal(honest)).toBe('accepted');
  });

  it('that is signed where the operator did not ask for it and not where they did', async () => {
    const response = await trip({ signs: 'response' }, { signed: 'assertion' });
    expect(await response.refusal(await response.idp.answer(response.requestId, anna))).toMatch(
      /^invalid_provider_answer/,
    );
    const assertion = await trip({ signs: 'assertion' }, { signed: 'both' });
    expect(await assertion.refusal(await assertion.idp.answer(assertion.requestId, anna))).toMatch(
      /^invalid_provider_answer/,
    );
  });

  it('that is not encrypted where the operator asked for it', async () => {
    const house = await trip({}, { encrypted: true });
    expect(await house.refusal(await house.idp.answer(house.requestId, anna))).toMatch(/in the clear/);
  });

  it('with an unauthenticated cipher that no signed response covers', async () => {
    const house = await trip({ encrypts: true, cipher: 'http://www.w3.org/2001/04/xmlenc#aes256-cbc' });
    expect(await house.refusal(await house.idp.answer(house.requestId, anna))).toMatch(/must cover/);
  });

  it('with a key transport that is broken', async () => {
    const house = await trip({ encrypts: true, keyTransport: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5' });
    expect(await house.refusal(await house.idp.answer(house.requestId, anna))).toMatch(/key transport/);
  });

  it('that is encrypted to somebody else', async () => {
    const house = await trip({ encrypts: true });
    const honest = await house.idp.answer(house.requestId, anna);
    const other = selfSigned('x', 'rsa');
    house.provider = {
      ...house.provider,
      secrets: { ...ourKeys, decryptionKey: other.key, decryptionCertificate: other.cert },
    };
    expect(await house.refusal(honest)).toMatch(/not encrypted to a key of ours/);
    house.provider = {
      ...house.provider,
      secrets: {
        ...house.provider.secrets,
        otherDecryptionKey: ourKeys['decryptionKey'] ?? '',
        otherDecryptionCertificate: ourKeys['decryptionCertificate'] ?? '',
      },
    };
    expect(await house.refusal(honest)).toBe('accepted');
  });

  it.each([['RSA with SHA-1', 'http://www.w3.org/2000/09/xmldsig#rsa-sha1']])(
    'that is signed by %s',
    async (_, signatureAlgorithm) => {
      const house = await trip({ signatureAlgorithm });
      expect(await house.refusal(await house.idp.answer(house.requestId, anna))).toMatch(/does not hold/);
    },
  );

  it.each([
    'none',
    'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
    'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
    '',
  ])('that names the algorithm "%s"', async (algorithm) => {
    const house = await trip();
    const honest = await house.idp.answer(house.requestId, anna);
    const named = rewritten(honest, (xml) => xml.replace(/(<ds:SignatureMethod Algorithm=")[^"]+/, `$1${algorithm}`));
    expect(await house.refusal(named)).toMatch(/does not hold/);
  });

  it('that another key signed, though it brings its certificate along', async () => {
    const house = await trip();
    const forger = new CorporateSaml({ entityId: house.idp.entityId });
    forger.trust(house.connector.serviceProviderMetadata(house.provider, CALLBACK));
    expect(await house.refusal(await forger.answer(house.requestId, anna))).toMatch(/Invalid signature/);
  });
});

describe('a well signed answer is refused', () => {
  const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

  it.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['for another audience', { Audience: 'https://other.example/metadata' }],
    ['for another recipient', { SubjectRecipient: 'https://other.example/acs' }],
    ['for another destination', { Destination: 'https://other.example/acs' }],
    ['of another issuer', { Issuer: 'https://other.example/saml' }],
    ['that has expired', { ConditionsNotOnOrAfter: at(-61) }],
    ['whose confirmation has expired', { SubjectConfirmationDataNotOnOrAfter: at(-61) }],
    ['that is not yet valid', { ConditionsNotBefore: at(200) }],
    ['that was issued in the future', { IssueInstant: at(200) }],
    ['that was issued before the request', { IssueInstant: at(-120) }],
    ['of a sign-in in the future', { AuthnInstant: at(200) }],
    ['with times that nobody can read', { ConditionsNotOnOrAfter: 'tomorrow' }],
    ['with a NameID of another format', { NameIDFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress' }],
    [
      'with a NameID that is another one next time',
      { NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' },
    ],
    ['with an empty NameID', { NameID: ' ' }],
  ])('%s', async (_, bend) => {
    const house = await trip();
    expect(await house.refusal(await house.idp.answer(house.requestId, anna, bend))).toMatch(
      /^invalid_provider_answer: ./,
    );
    expect(house.used.used.size).toBe(0);
    expect(await house.refusal(await house.idp.answer(house.requestId, anna))).toBe('accepted');
  });

  it.each<[string, (xml: string) => string]>([
    ['without conditions', (xml) => xml.replace(/<saml:Conditions.*<\/saml:Conditions>/s, '')],
    ['for everybody', (xml) => xml.replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/s, '')],
    [
      'with a condition that nobody knows',
      (xml) => xml.replace('</saml:Conditions>', '<x:OnlyOnMonday xmlns:x="urn:x"/></saml:Conditions>'),
    ],
    [
      'for us and only for others too',
      (xml) =>
        xml.replace(
          '</saml:Conditions>',
          '<saml:AudienceRestriction><saml:Audience>x</saml:Audience></saml:AudienceRestriction></saml:Conditions>',
        ),
    ],
    ['without a confirmation', (xml) => xml.replace(/<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/s, '')],
    ['confirmed in another way than by who brings it', (xml) => xml.replace('cm:bearer', 'cm:holder-of-key')],
    [
      'whose confirmation is to no request',
      (xml) => xml.replace(/(<saml:SubjectConfirmationData[^>]*) InResponseTo="[^"]+"/, '$1'),
    ],
    ['without a sign-in', (xml) => xml.replace(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/s, '')],
    [
      'of a session that has ended',
      (xml) => xml.replace('<saml:AuthnStatement ', `<saml:AuthnStatement SessionNotOnOrAfter="${at(-120)}" `),
    ],
    ['of another version', (xml) => xml.replace(/(<saml:Assertion[^>]*) Version="2.0"/, '$1 Version="1.1"')],
    [
      'with two subjects',
      (xml) =>
        xml.replace('</saml:Subject>', '</saml:Subject><saml:Subject><saml:NameID>x</saml:NameID></saml:Subject>'),
    ],
    ['with an element in its NameID', (xml) => xml.replace('anna-4711', 'anna<x xmlns="urn:x">-</x>4711')],
  ])('%s', async (_, bend) => {
    const house = await trip();
    expect(await house.refusal(await house.idp.answer(house.requestId, anna, {}, bend))).toMatch(
      /^invalid_provider_answer: ./,
    );
    expect(await house.refusal(await house.idp.answer(house.requestId, anna))).toBe('accepted');
  });

  it('a second time, though the first one may be repeated elsewhere', async () => {
    const house = await trip();
    const answer = await house.idp.answer(house.requestId, anna);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => house.refusal(answer)));
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect(outcomes.filter((outcome) => /used before/.test(outcome))).toHaveLength(9);
    // Remembered for longer than it could be used.
    const [until] = house.used.used.values();
    expect(until?.getTime()).toBeGreaterThanOrEqual(Date.now() + 300_000);
  });

  it('to another login than the one that is finished with it', async () => {
    const house = await trip();
    const first = house.requestId;
    await house.depart();
    expect(await house.refusal(await house.idp.answer(first, anna))).toMatch(/not in response/);
  });

  it('that nobody asked for', async () => {
    const house = await trip();
    const unasked = await house.idp.answer('', anna, {}, (xml) => xml.replaceAll(' InResponseTo=""', ''));
    expect(await house.refusal(unasked)).toMatch(/not in response/);
  });

  it('that says the person signed in long ago, when they had to do it anew', async () => {
    const house = await trip();
    for (const wanted of [{ anew: true }, { maxAge: 3600 }]) {
      await house.depart(wanted);
      const old = await house.idp.answer(house.requestId, anna, { AuthnInstant: at(-3600) });
      expect(await house.refusal(old)).toMatch(/^authentication_not_fresh/);
      await house.depart(wanted);
      expect(await house.refusal(await house.idp.answer(house.requestId, anna))).toBe('accepted');
    }
    await house.depart();
    const old = await house.idp.answer(house.requestId, anna, { AuthnInstant: at(-3600) });
    expect(await house.refusal(old)).toBe('accepted');
  });

  it('that says nobody was signed in: as such, whatever signature it has', async () => {
    const house = await trip();
    const refused = await house.idp.answer(house.requestId, anna, {
      StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Responder',
    });
    expect(await house.refusal(refused)).toMatch(/^provider_refused: urn:oasis:names:tc:SAML:2.0:status:Responder/);
  });
});

it('asks for a new sign-in by ForceAuthn, and only when one is wanted', async () => {
  const house = await trip();
  const force = async (input: object) => {
    const { location } = await house.connector.depart(house.provider, { callback: CALLBACK, state: 's', ...input });
    return (await house.idp.read(location)).forceAuthn;
  };
  expect([await force({}), await force({ anew: true }), await force({ maxAge: 0 })]).toEqual([false, true, true]);
});
