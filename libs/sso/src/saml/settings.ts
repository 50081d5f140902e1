/** What an operator says of a SAML identity provider; docs/sso/saml.md explains each to whoever writes the file. */
import { z } from 'zod';

const name = z.string().min(1).max(300);

export const SAML_SETTINGS = z
  .strictObject({
    /** The metadata of the identity provider: as text, or an address it is read from again and again (key rollover). */
    metadata: z.union([
      z.strictObject({ xml: z.string().min(1).max(200_000) }),
      z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2_000) }),
    ]),
    /** By whom the metadata must be: who answers at the address does not choose which identity provider it is. */
    entityId: name,
    /** Which signature is asked for. One that is there must be good in any case. */
    signed: z.enum(['assertion', 'response', 'both']).default('assertion'),
    /** The assertion must be encrypted. */
    encrypted: z.boolean().default(false),
    nameIdFormat: z
      .enum([
        'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
        'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
      ])
      .default('urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'),
    /** Names of attributes. */
    attributes: z
      .strictObject({
        /** What stays the same for a person for ever. Absent: the NameID. */
        subject: name.optional(),
        email: name.default('email'),
        username: name.optional(),
        displayName: name.default('displayName'),
        groups: name.default('groups'),
      })
      .prefault({}),
    /** The identity provider has verified each e-mail address it names. */
    emailsVerified: z.boolean().default(false),
    /** Authentication contexts that are asked for, one of them. */
    requestedContexts: z.array(name).max(10).default([]),
    /** Authentication contexts by which a second factor was used. */
    strongContexts: z.array(name).max(20).default(['https://refeds.org/profile/mfa']),
    network: z.enum(['public', 'internal']).default('public'),
  })
  .readonly();

export type SamlSettings = z.infer<typeof SAML_SETTINGS>;
