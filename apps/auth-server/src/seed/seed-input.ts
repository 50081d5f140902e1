import { resourceDescriptors } from '@gatehouse/metadata';
import { z } from 'zod';

const seedInput = z
  .strictObject({
    resources: resourceDescriptors,
    /** Runs all of the resources; its secret is stored as a hash. */
    resourceServer: z.strictObject({
      id: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
      secret: z.string().min(32).max(200),
    }),
    accounts: z.array(
      z.strictObject({
        username: z.string().min(1),
        displayName: z.string().min(1),
        password: z.string().min(1),
        /** By resource identifier: what the person may hand on there. */
        entitlements: z.record(z.string(), z.array(z.string())),
      }),
    ),
  })
  .superRefine(({ resources, accounts }, context) => {
    const scopesOf = new Map<string, ReadonlySet<string>>(
      resources.map(({ identifier, scopes }) => [identifier, new Set(scopes.map(({ name }) => name))]),
    );
    const dangling = accounts
      .flatMap(({ entitlements }) => Object.entries(entitlements))
      .some(([resource, scopes]) => !scopes.every((scope) => scopesOf.get(resource)?.has(scope) === true));
    // A misspelt right would be a right that nobody has.
    if (dangling) context.addIssue({ code: 'custom', message: 'an entitlement names an unknown resource or scope' });
  });

export type SeedInput = z.output<typeof seedInput>;

export class UnusableSeed extends Error {
  override readonly name = 'UnusableSeed';
}

/** @throws UnusableSeed that names the places that are wrong, never a value: there are passwords among them */
export function parseSeedInput(text: string): SeedInput {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UnusableSeed('The input is not JSON.');
  }
  const result = seedInput.safeParse(json);
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw new UnusableSeed(`The input is not usable:\n${places.join('\n')}`);
}
