/**
 * Name and password checked by a directory: look the person up as ourselves, then bind as the entry that was found. What was
 * typed reaches the directory escaped in a filter, or as the password of a bind, and nowhere else. TLS always; ten
 * seconds at most for all of it; so many at once for one directory, and no queue.
 * @see docs/decisions/0026-saml-and-ldap.md
 */
import {
  type ConfiguredProvider,
  type ExternalPerson,
  PasswordConnector,
  type ProviderSecrets,
  SsoProblem,
} from '@gatehouse/identity';
import type { Clock } from '@gatehouse/protocol';
import { Filter } from 'ldapts';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Directory, type FoundEntry, textsOf } from './directory.js';
import { TooManyGroups, groupsOf } from './directory-groups.js';
import { type DirectoryAddress, orAborted } from './directory-socket.js';
import { LDAP_SETTINGS, type LdapSettings, USERNAME, namingAttributes } from './ldap-settings.js';

export interface LdapConnectorParts {
  readonly clock: Clock;
  /** Whether a directory that was declared to be in this network may be at this address. */
  readonly permits: (address: string, network: 'public' | 'internal') => boolean;
}

/** At once, of one directory, in this process. */
const MOST_AT_ONCE = 16;
const LONGEST_NAME = 256;
const LONGEST_PASSWORD = 1_024;

interface Configured {
  readonly settings: LdapSettings;
  readonly bindPassword: string;
  readonly address: DirectoryAddress;
}

export class LdapConnector extends PasswordConnector {
  override readonly kind = 'ldap';
  readonly #running = new Map<string, number>();

  constructor(private readonly parts: LdapConnectorParts) {
    super();
  }

  override problems(settings: unknown, secrets: ProviderSecrets): readonly string[] {
    const parsed = LDAP_SETTINGS.safeParse(settings);
    const found = parsed.success
      ? []
      : parsed.error.issues.map(
          ({ path, code, message }) => `settings.${path.map(String).join('.')}: ${code === 'custom' ? message : code}`,
        );
    const { bindPassword, ...others } = secrets;
    if (bindPassword === undefined || bindPassword === '') found.push('secrets.bindPassword: missing');
    if (Object.keys(others).length > 0) found.push('secrets: only bindPassword');
    return found;
  }

  /** Binds as ourselves and looks at the base. */
  override async probe(provider: ConfiguredProvider): Promise<readonly string[]> {
    return this.#bounded(provider, async (configured, signal) => {
      const directory = await this.#asOurselves(configured, signal);
      try {
        const { base, filter } = configured.settings.users;
        await directory.search(base, filter.replaceAll(USERNAME, 'gatehouse-probe'), ['1.1'], 1);
        return [`bound as ${configured.settings.bindDn}`, `searched ${base}`];
      } finally {
        directory.end();
      }
    });
  }

  override async check(
    provider: ConfiguredProvider,
    username: string,
    password: string,
  ): Promise<ExternalPerson | undefined> {
    const name = username.trim();
    // An empty password is an unauthenticated bind: directories say yes to it, to anybody.
    if (!isTypable(name, LONGEST_NAME) || !isTypable(password, LONGEST_PASSWORD)) return undefined;
    return this.#bounded(provider, async (configured, signal) => {
      const directory = await this.#asOurselves(configured, signal);
      try {
        const entry = await theOnly(directory, configured.settings, name);
        // Of nobody too: how long it takes must not tell who is in the directory.
        const dn = entry?.dn ?? `cn=${randomUUID()},${configured.settings.users.base}`;
        const right = await this.#isPasswordOf(dn, password, configured, signal);
        if (!entry || !right) return undefined;
        return await this.#person(provider, entry, directory, configured.settings);
      } finally {
        directory.end();
      }
    });
  }

  async #asOurselves({ settings, bindPassword, address }: Configured, signal: AbortSignal): Promise<Directory> {
    const directory = await Directory.open(address, signal);
    try {
      if (await directory.bind(settings.bindDn, bindPassword)) return directory;
    } catch (error) {
      directory.end();
      throw error;
    }
    directory.end();
    throw new SsoProblem('provider_misconfigured', new Error('the directory refuses bindDn and bindPassword'));
  }

  /** On a connection of its own: whoever was bound before does not matter then, nor what the directory keeps of it. */
  async #isPasswordOf(dn: string, password: string, { address }: Configured, signal: AbortSignal): Promise<boolean> {
    const directory = await Directory.open(address, signal);
    try {
      return await directory.bind(dn, password);
    } finally {
      directory.end();
    }
  }

  async #person(
    provider: ConfiguredProvider,
    entry: FoundEntry,
    directory: Directory,
    { attributes, emailsVerified, groups }: LdapSettings,
  ): Promise<ExternalPerson> {
    const only = (name: string): string | undefined => {
      const values = textsOf(entry, name);
      return values.length === 1 ? values[0] : undefined;
    };
    const subject = subjectOf(entry, attributes.subject);
    if (subject === undefined) throw new SsoProblem('invalid_provider_answer', new Error('an entry without a subject'));
    const email = only(attributes.email);
    const username = textsOf(entry, attributes.username)[0];
    const displayName = only(attributes.displayName);
    return {
      // Not the address of the server, which may move: whoever has this id has these people.
      issuer: `urn:gatehouse:directory:${provider.id}`,
      subject,
      ...(email === undefined ? {} : { email }),
      emailVerified: email !== undefined && emailsVerified,
      ...(username === undefined ? {} : { username }),
      ...(displayName === undefined ? {} : { displayName }),
      groups: await groupsOf(directory, entry, groups),
      authenticatedAt: this.parts.clock.now(),
      amr: ['pwd'],
      strong: false,
    };
  }

  /** @throws SsoProblem whatever the directory, or the way to it, does */
  async #bounded<T>(
    provider: ConfiguredProvider,
    work: (configured: Configured, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const configured = await this.#configured(provider);
    const running = this.#running.get(provider.id) ?? 0;
    if (running >= MOST_AT_ONCE) throw new SsoProblem('provider_unavailable', new Error('too many at once'));
    this.#running.set(provider.id, running + 1);
    const signal = AbortSignal.timeout(configured.settings.timeout * 1000);
    try {
      return await orAborted(work(configured, signal), signal);
    } catch (error) {
      if (error instanceof SsoProblem) throw error;
      throw new SsoProblem(error instanceof TooManyGroups ? 'invalid_provider_answer' : 'provider_unavailable', error);
    } finally {
      const left = (this.#running.get(provider.id) ?? 1) - 1;
      if (left === 0) this.#running.delete(provider.id);
      else this.#running.set(provider.id, left);
    }
  }

  async #configured({ settings, secrets }: ConfiguredProvider): Promise<Configured> {
    try {
      const parsed = LDAP_SETTINGS.parse(settings);
      const { url, startTls, caFile, network } = parsed;
      const ca = parsed.ca ?? (caFile === undefined ? undefined : await readFile(caFile, 'utf8'));
      return {
        settings: parsed,
        bindPassword: secrets['bindPassword'] ?? '',
        address: {
          url,
          startTls,
          permits: (address) => this.parts.permits(address, network),
          ...(ca === undefined ? {} : { ca }),
        },
      };
    } catch (error) {
      throw new SsoProblem('provider_misconfigured', error);
    }
  }
}

/**
 * Two entries for one name: nobody can say whose password it would be. And the entry must be called what was typed, but for case:
 * directories also find it by other spellings (accents, blanks), and each would be counted as the attempts of another name.
 */
async function theOnly(directory: Directory, settings: LdapSettings, name: string): Promise<FoundEntry | undefined> {
  const { attributes, groups, users } = settings;
  const naming = namingAttributes(users.filter);
  const wanted = [attributes.subject, attributes.email, attributes.username, attributes.displayName, ...naming];
  if (groups.by === 'memberOf') wanted.push('memberOf');
  const filter = users.filter.replaceAll(USERNAME, () => Filter.escape(name));
  const [entry, second] = await directory.search(users.base, filter, [...new Set(wanted)], 2);
  if (!entry || second) return undefined;
  const names = naming.flatMap((attribute) => textsOf(entry, attribute));
  return names.some((each) => comparable(each) === comparable(name)) ? entry : undefined;
}

function comparable(name: string): string {
  return name.normalize('NFKC').toLowerCase().normalize('NFKC');
}

function subjectOf(entry: FoundEntry, name: string): string | undefined {
  const [value, second] = entry.values.get(name.toLowerCase()) ?? [];
  if (value === undefined || second !== undefined || value.length === 0) return undefined;
  // Active Directory's GUID is sixteen bytes.
  return typeof value === 'string' ? value.toLowerCase() : value.toString('hex');
}

function isTypable(text: string, longest: number): boolean {
  return text !== '' && text.length <= longest && text.isWellFormed() && !text.includes('\0');
}
