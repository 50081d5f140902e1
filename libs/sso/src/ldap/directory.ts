/**
 * What is asked of a directory in one sign-in, over ldapts. Referrals are not followed and aliases not dereferenced: they lead
 * to servers and entries that the operator did not name.
 */
import { Client, type Entry, EqualityFilter, ExtensibleFilter, ResultCodeError } from 'ldapts';
import { type DirectoryAddress, directorySocket } from './directory-socket.js';

export interface FoundEntry {
  readonly dn: string;
  /** Names in lower case. */
  readonly values: ReadonlyMap<string, readonly (string | Buffer)[]>;
}

/** Result codes by which a directory says that these credentials do not do, for whatever reason. @spec RFC 4511 §A.2 */
const REFUSED_CREDENTIALS = [19, 32, 34, 48, 49, 50, 53];
const IN_CHAIN = '1.2.840.113556.1.4.1941';

export class Directory {
  private constructor(
    private readonly client: Client,
    private readonly close: () => void,
  ) {}

  static async open(address: DirectoryAddress, signal: AbortSignal): Promise<Directory> {
    const socket = await directorySocket(address, signal);
    let given = false;
    const client = new Client({
      url: 'ldap://directory',
      timeout: 10_000,
      // The socket is connected, or was; in the latter case the library would wait for it without end.
      connectTimeout: 1_000,
      createConnection: () => {
        if (given) throw new Error('the connection to the directory was lost');
        given = true;
        return socket;
      },
    });
    return new Directory(client, () => socket.destroy());
  }

  end(): void {
    this.close();
  }

  /**
   * False: these credentials do not do. Never asked without a password: a bind without one succeeds and proves nothing.
   * @spec RFC 4513 §5.1.2
   */
  async bind(dn: string, password: string): Promise<boolean> {
    if (dn === '' || !dn.includes('=') || password === '') return false;
    try {
      await this.client.bind(dn, password);
      return true;
    } catch (error) {
      if (error instanceof ResultCodeError && REFUSED_CREDENTIALS.includes(error.code)) return false;
      throw error;
    }
  }

  async search(
    base: string,
    filter: ConstructorParameters<typeof EqualityFilter>[0] | string,
    attributes: readonly string[],
    limit: number,
    inChain = false,
  ): Promise<readonly FoundEntry[]> {
    const { searchEntries } = await this.client.search(base, {
      scope: 'sub',
      derefAliases: 'never',
      filter:
        typeof filter === 'string'
          ? filter
          : inChain
            ? new ExtensibleFilter({ matchType: filter?.attribute, rule: IN_CHAIN, value: String(filter?.value) })
            : new EqualityFilter(filter),
      sizeLimit: limit,
      attributes: [...attributes],
      explicitBufferAttributes: ['objectGUID'],
    });
    return searchEntries.map(found);
  }
}

function found({ dn, ...attributes }: Entry): FoundEntry {
  const values = Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), [value].flat()] as const);
  return { dn, values: new Map(values) };
}

export function textsOf(entry: FoundEntry, name: string): readonly string[] {
  const values = entry.values.get(name.toLowerCase()) ?? [];
  return values.map((value) => (typeof value === 'string' ? value : value.toString('utf8')));
}
