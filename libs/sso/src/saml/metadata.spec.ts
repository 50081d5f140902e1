import { type ConfiguredProvider, SsoProblem, type UpstreamAnswer } from '@gatehouse/identity';
import { MemoryUsedAssertionStore, StoppedClock } from '@gatehouse/identity/testing';
import { CorporateSaml, selfSigned } from '@gatehouse/test-kit';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { identityProviderMetadata } from './identity-provider-metadata.js';
import { SamlConnector } from './saml.connector.js';
import { serviceProviderKeys } from './service-provider-keys.js';

const CALLBACK = 'https://as.example/sso/corp/acs';
const keys = selfSigned('idp.corp.example', 'rsa');
const idp = new CorporateSaml({ keys });
const { entityId, metadata } = idp;

describe('metadata of an identity provider', () => {
  const read = (text: string, more: object = {}) =>
    identityProviderMetadata(text, { entityId, now: new Date('2026-01-01T00:00:00Z'), ...more });

  it('says who it is, where people sign in and by which certificates', async () => {
    expect(await read(metadata)).toEqual({
      entityId,
      signInUrl: 'https://idp.corp.example/sign-in',
      logoutUrl: 'https://idp.corp.example/sign-in/logout',
      certificates: [expect.stringMatching(/^-----BEGIN CERTIFICATE-----/)],
    });
    expect(await read(`<?xml version="1.0" encoding="utf-8"?>\n<!-- by hand -->${metadata}`)).toBeDefined();
  });

  it.each<[string, (text: string) => string]>([
    ['of another identity provider', (text) => text.replaceAll(entityId, 'https://other.example')],
    [
      'that has ended',
      (text) => text.replace('<EntityDescriptor', '<EntityDescriptor validUntil="2025-12-31T00:00:00Z"'),
    ],
    ['that ends nobody knows when', (text) => text.replace('<EntityDescriptor', '<EntityDescriptor validUntil="soon"')],
    [
      'that signs people in without TLS',
      (text) => text.replace('https://idp.corp.example/sign-in', 'http://idp.corp.example/sign-in'),
    ],
    [
      'that signs people in by a script',
      (text) => text.replace('https://idp.corp.example/sign-in', 'javascript:alert(1)'),
    ],
    ['that takes no redirect', (text) => text.replaceAll('HTTP-Redirect', 'SOAP')],
    ['without a certificate', (text) => text.replace(/<ds:X509Certificate>[^<]*/, '<ds:X509Certificate>')],
    [
      'with a key of another kind',
      (text) =>
        text.replace(/(<ds:X509Certificate>)[^<]*/, `$1${selfSigned().cert.replaceAll(/-----.*-----|\s/g, '')}`),
    ],
    ['with an entity', (text) => `<!DOCTYPE x [<!ENTITY a "b">]>${text}`],
    ['that is no XML', () => 'nothing'],
    ['of a service provider', (text) => text.replaceAll('IDPSSODescriptor', 'SPSSODescriptor')],
  ])('is refused if it is one %s', async (_, change) => {
    expect(change(metadata)).not.toBe(metadata);
    await expect(read(change(metadata))).rejects.toMatchObject({ name: 'UnusableMetadata' });
  });

  it('may be of this machine without TLS in development, and of no other', async () => {
    const local = metadata.replace('https://idp.corp.example/sign-in', 'http://localhost:9/sign-in');
    expect(await read(local, { loopback: true })).toMatchObject({ signInUrl: 'http://localhost:9/sign-in' });
    await expect(read(local)).rejects.toThrow('https');
    await expect(
      read(metadata.replace('https://idp.corp.example/sign-in', 'http://idp.corp.example/sign-in'), { loopback: true }),
    ).rejects.toThrow('https');
  });
});

describe('metadata by address', () => {
  let clock = new StoppedClock(new Date());
  let answers: (UpstreamAnswer | Error)[];
  let asked: string[];
  let connector: SamlConnector;
  let provider: ConfiguredProvider;
  let secrets: Readonly<Record<string, string>>;
  const page = (text: string, status = 200) => ({ status, headers: {}, body: new TextEncoder().encode(text) });

  beforeAll(async () => {
    secrets = await make().complete('corp', {});
  });
  const make = () =>
    new SamlConnector({
      clock,
      used: new MemoryUsedAssertionStore(),
      fetch: {
        fetch: (url, { network }) => {
          asked.push(`${network} ${url}`);
          const answer = answers.shift() ?? new SsoProblem('provider_unavailable');
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
        },
      },
    });
  beforeEach(() => {
    [answers, asked] = [[page(metadata)], []];
    clock = new StoppedClock(new Date());
    connector = make();
    provider = {
      ...{ id: 'corp' as ConfiguredProvider['id'], kind: 'saml', name: 'Corp', domains: [], justInTime: true, secrets },
      createdAt: clock.now(),
      settings: { entityId, metadata: { url: 'https://idp.corp.example/metadata' }, network: 'internal' },
    };
  });
  const depart = () => connector.depart(provider, { callback: CALLBACK, state: 's' });
  const reasonOf = (work: Promise<unknown>) =>
    work.then(
      () => 'fine',
      (error: unknown) => (error instanceof SsoProblem ? error.reason : String(error)),
    );

  it('is asked for once by many people, and again after ten minutes', async () => {
    await Promise.all(Array.from({ length: 20 }, () => depart()));
    expect(asked).toEqual(['internal https://idp.corp.example/metadata']);
    clock.advance(599);
    await depart();
    expect(asked).toHaveLength(1);
    answers.push(page(metadata));
    clock.advance(2);
    await depart();
    expect(asked).toHaveLength(2);
  });

  it('is used for a day when its source is down, and not longer', async () => {
    await depart();
    clock.advance(3600);
    expect(await reasonOf(depart())).toBe('fine');
    clock.advance(24 * 3600);
    expect(await reasonOf(depart())).toBe('provider_unavailable');
  });

  it('says what is wrong with it: gone, an error, not what was declared', async () => {
    answers = [];
    expect(await reasonOf(depart())).toBe('provider_unavailable');
    answers = [page(metadata, 302)];
    expect(await reasonOf(depart())).toBe('provider_unavailable');
    answers = [page(metadata.replaceAll(entityId, 'https://evil.example'))];
    expect(await reasonOf(connector.probe(provider))).toBe('provider_misconfigured');
    answers = [page(metadata)];
    expect(await connector.probe(provider)).toContain(`identity provider ${entityId}`);
  });

  it('is asked for again when an unknown key has signed, so a rollover takes nobody by surprise; but not by every forger', async () => {
    const next = new CorporateSaml({ keys: selfSigned('idp.corp.example', 'rsa') });
    next.trust(connector.serviceProviderMetadata(provider, CALLBACK));
    const arrive = async () => {
      const { memory } = await depart();
      const now = clock.now().toISOString();
      const bend = { IssueInstant: now, AuthnInstant: now };
      const form = new URLSearchParams({
        SAMLResponse: await next.answer(memory['requestId'], { nameId: 'anna' }, bend),
      });
      return reasonOf(connector.arrive(provider, { callback: CALLBACK, url: CALLBACK, state: 's', memory, form }));
    };
    for (let tries = 0; tries < 3; tries += 1) expect(await arrive()).toBe('invalid_provider_answer');
    expect(asked).toHaveLength(1);
    answers = [page(next.metadata)];
    clock.advance(61);
    expect(await arrive()).toBe('fine');
    expect(asked).toHaveLength(2);
    expect(await arrive()).toBe('fine');
    expect(asked).toHaveLength(2);
  });
});

describe('our own keys at a provider', () => {
  const clock = new StoppedClock();
  const maker = new SamlConnector({
    clock,
    used: new MemoryUsedAssertionStore(),
    fetch: { fetch: () => Promise.reject(new Error('nothing is fetched')) },
  });

  it('are made once, two of them, with certificates that say whose they are', async () => {
    const secrets = await maker.complete('corp', {});
    const { signing, decryption } = serviceProviderKeys(secrets);
    expect(signing.key).not.toBe(decryption[0]?.key);
    const certificate = new X509Certificate(signing.certificate);
    expect([certificate.subject, certificate.verify(certificate.publicKey)]).toEqual(['CN=Gatehouse corp', true]);
    expect(certificate.validFromDate).toEqual(clock.now());
    expect(await maker.complete('corp', secrets)).toBe(secrets);
  });

  it('are refused if they are weak, of another kind or do not belong together, without a word of them', async () => {
    const secrets = await maker.complete('corp', {});
    const other = selfSigned('x', 'rsa');
    const ec = selfSigned();
    const changes: readonly Readonly<Record<string, string>>[] = [
      { signingCertificate: other.cert },
      { signingKey: ec.key, signingCertificate: ec.cert },
      { decryptionKey: 'hunter2' },
      { otherDecryptionKey: other.key },
      { extra: 'hunter2' },
    ];
    for (const change of changes) {
      const problems = maker.problems({ entityId, metadata: { xml: metadata } }, { ...secrets, ...change });
      expect(problems).toHaveLength(1);
      expect(problems.join()).not.toMatch(/hunter2|PRIVATE/);
    }
    expect(maker.problems({ entityId, metadata: { xml: metadata } }, secrets)).toEqual([]);
  });
});
