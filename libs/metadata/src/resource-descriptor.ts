import { comparableResource, type ResourceIdentifier } from '@gatehouse/protocol';
import { isReservedScope, isScopeToken, ScopeCatalogue } from '@gatehouse/scopes';
import { z } from 'zod';

const scopeDefinition = z.strictObject({
  name: z
    .string()
    .refine(isScopeToken, 'not a scope token')
    // The authorization server knows them as something else, and a person would agree to one and mean the other.
    .refine((name) => !isReservedScope(name), 'a scope name that is reserved'),
  description: z.string().min(1).max(200),
  implies: z.array(z.string()).readonly().optional(),
  sensitive: z.boolean().optional(),
});

/**
 * What a resource app tells the authorization server about itself, as a file: the resource side writes it from its tools'
 * declarations (`describe`), the authorization server applies it. Neither needs the other's code.
 */
export const resourceDescriptor = z
  .strictObject({
    identifier: z
      .string()
      .refine((text) => comparableResource(text) !== undefined, 'not a resource identifier')
      .transform((text) => text as ResourceIdentifier),
    name: z.string().min(1).max(80),
    scopes: z.array(scopeDefinition).min(1).max(100).readonly(),
    /** Granted when a client asks for none. */
    defaultScopes: z.array(z.string()).min(1).readonly(),
  })
  .superRefine((descriptor, context) => {
    try {
      const catalogue = new ScopeCatalogue(descriptor.scopes);
      if (!descriptor.defaultScopes.every((name) => catalogue.has(name)))
        context.addIssue({ code: 'custom', message: 'a default scope is not in the catalogue' });
    } catch (cause) {
      context.addIssue({ code: 'custom', message: (cause as Error).message });
    }
  });

export type ResourceDescriptor = z.output<typeof resourceDescriptor>;
export const resourceDescriptors = z.array(resourceDescriptor).min(1);
