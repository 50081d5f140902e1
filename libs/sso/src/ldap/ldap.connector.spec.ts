/** Against slapd, with the people and groups of a small company, and against servers that do what a directory must not. */
import { type ConfiguredProvider, SsoProblem } from '@gatehouse/identity';
import { StoppedClock } from '@gatehouse/identity/testing';
import { DIRECTORY_BASE, type Slapd, findSlapd, selfSigned, startSlapd } from '@gatehouse/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Server, type Socket, createServer } from 'node:net';
import { TLSSocket, createSecureContext } from 'node:tls';
import { LdapConnector } from './ldap.connector.js';

const PEOPLE = `ou=people,${DIRECTORY_BASE}`;
const GROUPS = `ou=groups,${DIRECTORY_BASE}`;
const clock = new StoppedClock();
const connector = new LdapConnector({ clock, permits: () => true });

const person = (uid: string, more = '') =>
  `dn: uid=${uid},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${uid}@corp.example\n` +
  `displayName: ${uid} of Corp\nuserPassword: ${uid}'s password\n${more}`;
const group = (cn: string, base: string, ...members: string[]) =>
  `dn: cn=${cn},${base}\nobjectClass: groupOfNames\ncn: ${cn}\n${members.map((dn) => `member: ${dn}\n`).join('')}`;

const LDIF = [
  `dn: ${PEOPLE}\nobjectClass: organizationalUnit\nou: people\n`,
  `dn: ${GROUPS}\nobjectClass: organizationalUnit\nou: groups\n`,
  `dn: ou=clubs,${DIRECTORY_BASE}\nobjectClass: organizationalUnit\nou: clubs\n`,
  // What the directory keeps itself of groups, when it is running.
  person('anna', `memberOf: cn=payroll,${GROUPS}\nmemberOf: cn=admins,ou=clubs,${DIRECTORY_BASE}\n`),
  person('ben'),
  person('two words'),
  person('mallory', 'employeeNumber: twin\n'),
  person('mallet', 'employeeNumber: twin\n'),
  group('payroll', GROUPS, `uid=anna,${PEOPLE}`),
  group('finance', GROUPS, `cn=payroll,${GROUPS}`),
  group('everybody', GROUPS, `cn=finance,${GROUPS}`, `cn=everybody,${GROUPS}`),
  // Anybody may found a club, and call it as they like.
  group('admins', `ou=clubs,${DIRECTORY_BASE}`, `uid=anna,${PEOPLE}`),
].join('\n');

function provider(settings: object, bindPassword: string): ConfiguredProvider {
  return {
    id: 'ad' as ConfiguredProvider['id'],
    kind: 'ldap',
    name: 'Directory',
    domains: ['corp.example'],
    justInTime: true,
    createdAt: clock.now(),
    settings: { ...settings },
    secrets: { bindPassword },
  };
}

async function outcome(of: ConfiguredProvider, username: string, password: string): Promise<unknown> {
  try {
    return await connector.check(of, username, password);
  } catch (error) {
    if (error instanceof SsoProblem) return error.reason;
    throw error;
  }
}

const slapdPath = findSlapd();
if (slapdPath === undefined) console.warn('!!! no slapd on this machine: the tests of the directory are SKIPPED');

(slapdPath === undefined ? describe.skip : describe)('LdapConnector with slapd', () => {
  let slapd: Slapd;
  let directory: ConfiguredProvider;
  const settings = (more: object = {}) => ({
    url: slapd.secureUrl,
    ca: slapd.certificate.cert,
    bindDn: slapd.bindDn,
    users: { base: PEOPLE, filter: '(&(objectClass=inetOrgPerson)(uid={username}))' },
    emailsVerified: true,
    ...more,
  });
  const changed = (more: object) => provider(settings(more), slapd.bindPassword);

  beforeAll(async () => {
    slapd = await startSlapd(slapdPath ?? '', LDIF);
    directory = changed({});
  }, 30_000);
  afterAll(() => slapd.stop());

  it('knows a person by name and password, and by what stays the same for ever', async () => {
    expect(connector.problems(directory.settings, directory.secrets)).toEqual([]);
    const found = await connector.check(directory, ' anna ', "anna's password");
    expect(found).toEqual({
      issuer: 'urn:gatehouse:directory:ad',
      subject: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: 'anna@corp.example',
      emailVerified: true,
      username: 'anna',
      displayName: 'anna of Corp',
      groups: [],
      authenticatedAt: clock.now(),
      amr: ['pwd'],
      strong: false,
    });
  });

  it('says the same by StartTLS, and by the name of the certificate only', async () => {
    const byStartTls = changed({ url: slapd.plainUrl, startTls: true });
    expect(await outcome(byStartTls, 'anna', "anna's password")).toMatchObject({ username: 'anna' });
    for (const ca of [selfSigned('localhost', 'rsa').cert, undefined])
      expect(await outcome(changed({ ca }), 'anna', "anna's password")).toBe('provider_unavailable');
  });

  it('does not know a wrong password, an unknown name, or the password of somebody else', async () => {
    for (const [name, password] of [
      ['anna', 'wrong'],
      ['nobody', "anna's password"],
      ['anna', "ben's password"],
      ['', "anna's password"],
    ] as const)
      expect(await outcome(directory, name, password)).toBeUndefined();
  });

  it('does the same work for a name that it does not know as for a wrong password', async () => {
    let connections = 0;
    const counted = new LdapConnector({ clock, permits: () => ++connections > 0 });
    const costOf = async (name: string) => {
      connections = 0;
      expect(await counted.check(directory, name, 'wrong')).toBeUndefined();
      return connections;
    };
    expect(await costOf('nobody')).toBe(await costOf('anna'));
  });

  it('refuses an empty password, to which the directory itself says yes (RFC 4513 §5.1.2)', async () => {
    expect(await outcome(directory, 'anna', '')).toBeUndefined();
    expect(await outcome(directory, 'anna', '\0')).toBeUndefined();
  });

  it.each([
    '*',
    'a*',
    'anna)(uid=*',
    '*)(|(uid=*',
    'nobody)(|(uid=anna)',
    'anna)(objectClass=*',
    '\\61nna',
    'anna\0',
    'anna))(&(uid=anna',
  ])('takes %j for a name, not for a filter', async (name) => {
    expect(await outcome(directory, name, "anna's password")).toBeUndefined();
  });

  it('signs nobody in by another spelling that the directory takes for the name: it would be counted as another one', async () => {
    expect(await outcome(directory, 'ANNA', "anna's password")).toMatchObject({ username: 'anna' });
    for (const spelling of ['an\u00adna', 'a\u200bnna'])
      expect(await outcome(directory, spelling, "anna's password")).toBeUndefined();
    expect(await outcome(directory, 'two  words', "two words' password")).toBeUndefined();
    expect(await outcome(directory, 'two words', "two words's password")).toMatchObject({ username: 'two words' });
  });

  it('signs nobody in by a name that two entries have', async () => {
    const ambiguous = changed({ users: { base: PEOPLE, filter: '(employeeNumber={username})' } });
    for (const password of ["mallory's password", "mallet's password"])
      expect(await outcome(ambiguous, 'twin', password)).toBeUndefined();
    const byMail = changed({ users: { base: PEOPLE, filter: '(|(uid={username})(mail={username}))' } });
    expect(await outcome(byMail, 'ben@corp.example', "ben's password")).toMatchObject({ username: 'ben' });
  });

  it('finds direct groups by memberOf, and only below the base', async () => {
    const direct = changed({ groups: { by: 'memberOf', base: GROUPS } });
    expect(await outcome(direct, 'anna', "anna's password")).toMatchObject({ groups: ['payroll'] });
    const clubs = changed({ groups: { by: 'memberOf', base: `OU=Clubs,${DIRECTORY_BASE}` } });
    expect(await outcome(clubs, 'anna', "anna's password")).toMatchObject({ groups: ['admins'] });
  });

  it('finds nested groups by search, to the depth that was said, and comes out of circles', async () => {
    const nested = (depth: number) => changed({ groups: { by: 'search', base: GROUPS, depth } });
    expect(await outcome(nested(1), 'anna', "anna's password")).toMatchObject({ groups: ['payroll'] });
    expect(await outcome(nested(2), 'anna', "anna's password")).toMatchObject({ groups: ['payroll', 'finance'] });
    expect(await outcome(nested(10), 'anna', "anna's password")).toMatchObject({
      groups: ['payroll', 'finance', 'everybody'],
    });
    expect(await outcome(nested(10), 'ben', "ben's password")).toMatchObject({ groups: [] });
  });

  it("says whose fault it is: ours when we may not search, the directory's when it is not there", async () => {
    const wrong = provider(settings(), 'wrong');
    expect(await outcome(wrong, 'anna', "anna's password")).toBe('provider_misconfigured');
    expect(await outcome(changed({ url: 'ldaps://localhost:1' }), 'anna', "anna's password")).toBe(
      'provider_unavailable',
    );
    expect(await outcome(changed({ caFile: '/nowhere.pem', ca: undefined }), 'anna', 'x')).toBe(
      'provider_misconfigured',
    );
    await expect(connector.probe(wrong)).rejects.toMatchObject({ reason: 'provider_misconfigured' });
    expect(await connector.probe(directory)).toHaveLength(2);
  });

  it('connects to no address that is not allowed for its network', async () => {
    const asked: string[] = [];
    const careful = new LdapConnector({
      clock,
      permits: (address, network) => {
        asked.push(`${network} ${address}`);
        return network === 'internal';
      },
    });
    await expect(careful.check(directory, 'anna', "anna's password")).rejects.toMatchObject({
      reason: 'provider_unavailable',
    });
    expect(asked[0]).toMatch(/^public (?:127\.0\.0\.1|::1)$/);
    expect(await careful.check(changed({ network: 'internal' }), 'anna', "anna's password")).toMatchObject({
      username: 'anna',
    });
  });
});

describe('settings of a directory', () => {
  const good = {
    url: 'ldaps://ad.corp.example',
    bindDn: 'cn=x,dc=y',
    users: { base: 'dc=y', filter: '(uid={username})' },
  };
  const problems = (settings: object, secrets: Readonly<Record<string, string>> = { bindPassword: 'x' }) =>
    connector.problems(settings, secrets);

  it('are good with TLS, from the first byte or begun', () => {
    expect(problems(good)).toEqual([]);
    expect(problems({ ...good, url: 'ldap://ad.corp.example', startTls: true })).toEqual([]);
  });

  it.each<[string, object]>([
    ['plain LDAP', { url: 'ldap://ad.corp.example' }],
    ['TLS twice', { startTls: true }],
    ['another protocol', { url: 'http://ad.corp.example' }],
    ['a password in the URL', { url: 'ldaps://a:b@ad.corp.example' }],
    ['a filter without the name', { users: { base: 'dc=y', filter: '(uid=*)' } }],
    ['a filter that completes what is typed', { users: { base: 'dc=y', filter: '(uid={username}*)' } }],
    ['a filter that is none', { users: { base: 'dc=y', filter: '(uid={username}' } }],
    ['more than ten seconds', { timeout: 11 }],
    ['depth without end', { groups: { by: 'search', base: 'dc=y', depth: 11 } }],
    ['a setting that does not exist', { insecure: true }],
  ])('are not with %s', (_, change) => {
    expect(problems({ ...good, ...change })).not.toEqual([]);
  });

  it('need a password to bind with, and say no secret', () => {
    expect(problems(good, {})).toEqual(['secrets.bindPassword: missing']);
    expect(problems({ ...good, bindDn: 'my secret' }).join()).not.toContain('my secret');
    expect(problems({ ...good, url: 'ldap://x' })).toEqual(['settings.startTls: exactly one of ldaps:// and startTls']);
  });
});

describe('LdapConnector on a hostile line', () => {
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  const own = selfSigned('localhost', 'rsa');
  const STARTED = Buffer.from('300c02010178070a010004000400', 'hex');

  async function listen(serve: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      serve(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as { port: number }).port;
  }
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  const at = (port: number, more: object = {}) =>
    provider(
      {
        url: `ldap://127.0.0.1:${String(port)}`,
        startTls: true,
        ca: own.cert,
        bindDn: 'cn=us,dc=x',
        users: { base: 'dc=x', filter: '(uid={username})' },
        timeout: 1,
        ...more,
      },
      'our bind password',
    );

  it('says nothing in plain text: not when StartTLS is refused, not when the line is cut inside TLS', async () => {
    const heard: Buffer[] = [];
    let connections = 0;
    const refusing = await listen((socket) => {
      socket.on('data', (data) => heard.push(data));
      socket.write(Buffer.from('300c02010178070a013404000400', 'hex'));
    });
    expect(await outcome(at(refusing), 'anna', 'secret')).toBe('provider_unavailable');
    const cutting = await listen((socket) => {
      connections += 1;
      socket.once('data', (data) => {
        heard.push(data);
        socket.write(STARTED);
        const secure = new TLSSocket(socket, {
          isServer: true,
          secureContext: createSecureContext({ cert: own.cert, key: own.key }),
        });
        secure.on('error', () => undefined);
        secure.once('data', () => secure.destroy());
      });
    });
    expect(await outcome(at(cutting), 'anna', 'secret')).toBe('provider_unavailable');
    expect(connections).toBe(1);
    expect(heard.length).toBeGreaterThan(0);
    for (const data of heard) expect(data.length).toBe(31);
  });

  it('takes nothing that came before TLS for the beginning of what comes inside', async () => {
    const port = await listen((socket) => {
      // A bind that succeeded, all but its last bytes, behind the answer to StartTLS.
      socket.once('data', () => socket.write(Buffer.concat([STARTED, Buffer.from('3084000000106102', 'hex')])));
    });
    expect(await outcome(at(port), 'anna', 'secret')).toBe('provider_unavailable');
  });

  it('gives up within its time on a directory that says nothing, and takes only so many at once', async () => {
    const port = await listen(() => undefined);
    const began = Date.now();
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => outcome(at(port), 'anna', 'secret')));
    expect(new Set(outcomes)).toEqual(new Set(['provider_unavailable']));
    expect(Date.now() - began).toBeLessThan(4_000);
    expect(sockets.length).toBeLessThanOrEqual(16);
  });

  it('gives up on one that speaks nonsense', async () => {
    const port = await listen((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await outcome(at(port), 'anna', 'secret')).toBe('provider_unavailable');
  });
});
