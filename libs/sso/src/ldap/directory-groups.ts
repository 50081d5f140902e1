import { type Directory, type FoundEntry, textsOf } from './directory.js';
import { isBelow, partsOf } from './distinguished-name.js';
import type { LdapSettings } from './ldap-settings.js';

/** Below what directories answer without being asked for pages, so that nothing is cut off unseen. */
const MOST_GROUPS = 400;

/** There are more groups than anybody is in; to leave some out would be to decide which ones count. */
export class TooManyGroups extends Error {
  override readonly name = 'TooManyGroups';
}

/** What the groups of the person are called. */
export async function groupsOf(
  directory: Directory,
  person: FoundEntry,
  settings: LdapSettings['groups'],
): Promise<readonly string[]> {
  switch (settings.by) {
    case 'none':
      return [];
    case 'memberOf':
      return named(textsOf(person, 'memberOf').filter((dn) => isBelow(dn, settings.base)));
    case 'chain': {
      const filter = { attribute: 'member', value: person.dn };
      const found = await directory.search(settings.base, filter, [settings.name], MOST_GROUPS + 1, true);
      return bounded(namesOf(found, settings.name));
    }
    case 'search':
      return searched(directory, person.dn, settings);
  }
}

/** Level by level; a group that was met before is not asked about again, so circles end. */
async function searched(
  directory: Directory,
  person: string,
  { base, name, member, depth }: Extract<LdapSettings['groups'], { by: 'search' }>,
): Promise<readonly string[]> {
  const met = new Map<string, FoundEntry>();
  let level = [person];
  for (let height = 0; height < depth && level.length > 0; height += 1) {
    const above: string[] = [];
    for (const dn of level)
      for (const group of await directory.search(base, { attribute: member, value: dn }, [name], MOST_GROUPS + 1)) {
        if (met.has(group.dn)) continue;
        met.set(group.dn, group);
        above.push(group.dn);
        bounded([...met.keys()]);
      }
    level = above;
  }
  return namesOf([...met.values()], name);
}

function namesOf(groups: readonly FoundEntry[], name: string): readonly string[] {
  return groups.flatMap((group) => textsOf(group, name).slice(0, 1));
}

function named(dns: readonly string[]): readonly string[] {
  return bounded(dns).flatMap((dn) => partsOf(dn)?.[0]?.[1] ?? []);
}

function bounded<T>(groups: readonly T[]): readonly T[] {
  if (groups.length > MOST_GROUPS) throw new TooManyGroups('more groups than can be read');
  return groups;
}
