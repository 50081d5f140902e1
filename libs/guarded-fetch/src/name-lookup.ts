import { Resolver } from 'node:dns/promises';

/** All addresses of a name, of both families. Throws when there are none. */
export type NameLookup = (host: string) => Promise<readonly string[]>;

const NO_SUCH = new Set(['ENODATA', 'ENOTFOUND']);

/**
 * Asks the name servers itself rather than by `getaddrinfo`, which would hold a thread of the pool that passwords are
 * hashed in for as long as a stranger's name server likes to think.
 */
export const lookUp: NameLookup = async (host) => {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  const families = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = families.flatMap((family) => (family.status === 'fulfilled' ? family.value : []));
  if (addresses.length > 0) return addresses;
  const failures = families.flatMap((family) => (family.status === 'rejected' ? [family.reason as Error] : []));
  throw (
    failures.find((failure) => !NO_SUCH.has((failure as NodeJS.ErrnoException).code ?? '')) ??
    failures[0] ??
    new Error('no address')
  );
};
