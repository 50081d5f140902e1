/** What an operator says of a directory; docs/sso/ldap.md explains each to whoever writes the file. */
import { FilterParser } from 'ldapts';
import { z } from 'zod';

const dn = z.string().min(3).max(1_000).includes('=');
const attributeName = z.string().regex(/^[A-Za-z][A-Za-z0-9;.-]{0,99}$/);

/** Stands for what the person typed, escaped. */
export const USERNAME = '{username}';

const GROUPS = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('none') }),
  /** Groups that the entry of the person names: direct ones. */
  z.strictObject({ by: z.literal('memberOf'), base: dn }),
  /** All groups, nested ones too, which Active Directory works out itself. */
  z.strictObject({ by: z.literal('chain'), base: dn, name: attributeName.default('cn') }),
  /** Groups that name the person, then groups that name those, to a depth. */
  z.strictObject({
    by: z.literal('search'),
    base: dn,
    name: attributeName.default('cn'),
    member: z.enum(['member', 'uniqueMember']).default('member'),
    depth: z.int().min(1).max(10).default(5),
  }),
]);

export const LDAP_SETTINGS = z
  .strictObject({
    /** `ldaps://` is TLS from the first byte; `ldap://` is refused unless startTls is true, and then nothing is said before TLS. */
    url: z.string().max(300).refine(isDirectoryUrl, 'ldaps://host[:port], or ldap://host[:port] with startTls'),
    startTls: z.boolean().default(false),
    /** Certification authorities to believe instead of the well-known ones: PEM, here or in a file of the server. */
    ca: z.string().max(100_000).optional(),
    caFile: z.string().startsWith('/').max(500).optional(),
    network: z.enum(['public', 'internal']).default('public'),
    /** Who we are when we look for people. The password is the secret `bindPassword`. */
    bindDn: dn,
    users: z.strictObject({
      base: dn,
      filter: z.string().max(1_000).refine(isUserFilter, `an LDAP filter with (attribute=${USERNAME}) in it`),
    }),
    attributes: z
      .strictObject({
        /** What stays the same for a person for ever, and is given to nobody else. */
        subject: z.enum(['entryUUID', 'objectGUID', 'nsUniqueId', 'ipaUniqueID']).default('entryUUID'),
        email: attributeName.default('mail'),
        username: attributeName.default('uid'),
        displayName: attributeName.default('displayName'),
      })
      .prefault({}),
    /** Addresses in the directory are kept by the company, not by the people themselves. */
    emailsVerified: z.boolean().default(false),
    groups: GROUPS.default({ by: 'none' }),
    /** Seconds, for everything that one sign-in asks of the directory. */
    timeout: z.int().min(1).max(10).default(5),
  })
  .refine(({ url, startTls }) => url.startsWith('ldaps://') !== startTls, {
    path: ['startTls'],
    message: 'exactly one of ldaps:// and startTls',
  })
  .readonly();

export type LdapSettings = z.infer<typeof LDAP_SETTINGS>;

function isDirectoryUrl(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    /^ldaps?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    url.username === '' &&
    url.password === '' &&
    /^\/?$/.test(url.pathname) &&
    url.search === '' &&
    url.hash === ''
  );
}

/** Attributes that are compared with what the person typed. */
export function namingAttributes(filter: string): readonly string[] {
  return [...filter.matchAll(/\(([A-Za-z][A-Za-z0-9;-]*)=\{username\}\)/g)].flatMap(([, name]) => name ?? []);
}

/** What was typed stands for whole values only. */
function isUserFilter(text: string): boolean {
  const names = namingAttributes(text);
  if (names.length === 0 || names.length !== text.split(USERNAME).length - 1) return false;
  try {
    FilterParser.parseString(text.replaceAll(USERNAME, 'x'));
    return true;
  } catch {
    return false;
  }
}
