import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DIRECTORY_BASE, type Slapd, findSlapd, providersCommand, startSlapd } from '@gatehouse/test-kit';
import { anna, house, invoices, stack } from '../flows/house.js';
import { changing, CorporateBrowser, type Shown } from './corporate-browser.js';

/** People of a company whose directory is slapd sign in with the form of the house. */
const PEOPLE = `ou=people,${DIRECTORY_BASE}`;
const person = (uid: string, password: string) =>
  `dn: uid=${uid},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${uid}@ldap.example\n` +
  `displayName: ${uid} of the directory\nuserPassword: ${password}\n`;

const slapdPath = findSlapd();
if (slapdPath === undefined) console.warn('!!! no slapd on this machine: sign-in by a directory is SKIPPED');

(slapdPath === undefined ? describe.skip : describe)('a person of a directory', () => {
  let slapd: Slapd;
  beforeAll(async () => {
    const people = `dn: ${PEOPLE}\nobjectClass: organizationalUnit\nou: people\n`;
    slapd = await startSlapd(
      slapdPath ?? '',
      [people, person('nora', "nora's own"), person(anna.username, 'of the directory')].join('\n'),
    );
    expect(await apply()).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^ldapcorp: (created|changed)/) });
  }, 60_000);
  afterAll(async () => {
    await providersCommand(stack, ['remove', 'ldapcorp']);
    await slapd.stop();
  });

  const apply = (settings: object = {}) =>
    changing(
      providersCommand(
        stack,
        ['apply', '-'],
        JSON.stringify({
          providers: [
            {
              id: 'ldapcorp',
              kind: 'ldap',
              name: 'Directory',
              domains: ['ldap.example'],
              just_in_time: true,
              settings: {
                url: slapd.secureUrl,
                ca: slapd.certificate.cert,
                network: 'internal',
                bindDn: slapd.bindDn,
                users: { base: PEOPLE, filter: '(&(objectClass=inetOrgPerson)(|(uid={username})(mail={username})))' },
                emailsVerified: true,
                ...settings,
              },
              secrets: { bindPassword: slapd.bindPassword },
            },
          ],
        }),
      ),
    );

  async function signIn(username: string, password: string): Promise<Shown> {
    const client = await house.register();
    const browser = new CorporateBrowser();
    const page = await browser.go(house.begin(client, { scope: 'openid profile' }).url);
    return browser.press(page, 'sign-in', { username, password });
  }

  it('signs in by name, and by address, with the password of the directory', async () => {
    expect((await signIn('nora', "nora's own")).text).toContain('nora of the directory');
    expect((await signIn('Nora@Ldap.Example', "nora's own")).text).toContain('nora of the directory');
  });

  it('does not by a wrong password, none, or a name that would be a filter: the answer is always the same', async () => {
    const shown = await Promise.all([
      signIn('nora', 'wrong'),
      signIn('nora', ''),
      signIn('nora)(uid=*', "nora's own"),
      signIn('*', "nora's own"),
      signIn('nobody', 'x'),
      signIn('nora@elsewhere.example', "nora's own"),
    ]);
    for (const { status, text } of shown)
      expect([status, text]).toEqual([401, expect.stringContaining('The username or the password is not right.')]);
  });

  it('is not anna of the house, whose password is here; and anna is not asked for at the directory', async () => {
    expect((await signIn(anna.username, 'of the directory')).status).toBe(401);
    const client = await house.register();
    const browser = new CorporateBrowser();
    const page = await browser.go(house.begin(client, { resource: invoices, scope: 'invoices:read' }).url);
    expect((await browser.press(page, 'sign-in', { ...anna })).html).toContain('/consent"');
  });

  it('is told within seconds that the directory does not answer, and others are not kept waiting', async () => {
    expect((await apply({ url: 'ldaps://localhost:9', timeout: 2 })).exitCode).toBe(0);
    const began = Date.now();
    const shown = await signIn('nora', "nora's own");
    expect([shown.status, shown.text]).toEqual([503, expect.stringContaining('does not answer now')]);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect((await apply()).exitCode).toBe(0);
  });

  it('is never sent in plain text: such a directory cannot be declared', async () => {
    const plain = await apply({ url: slapd.plainUrl });
    expect([plain.exitCode, plain.output]).toEqual([1, expect.stringContaining('settings.')]);
    expect(await providersCommand(stack, ['test', 'ldapcorp'])).toMatchObject({ exitCode: 0 });
  });
});
