import { comparableResource, type ResourceIdentifier } from '@gatehouse/protocol';
import { isScopeToken } from '@gatehouse/scopes';
import { z } from 'zod';
import type { ExchangeRule } from './exchange-rule.js';

const resource = z
  .string()
  .max(2000)
  .refine((text) => comparableResource(text) !== undefined, 'must be the identifier of a resource')
  .transform((text) => text as ResourceIdentifier);

const scope = z.string().refine(isScopeToken, 'must be one scope');

/** Exchange rules as an operator writes them. */
export const declaredExchanges = z
  .array(
    z
      .strictObject({
        from: resource,
        to: resource,
        scopes: z
          .record(scope, scope)
          .refine((scopes) => Object.keys(scopes).length > 0, 'must name at least one scope')
          .refine((scopes) => Object.keys(scopes).length <= 200, 'must name at most 200 scopes'),
        accepts_bound_tokens: z.boolean().default(false),
      })
      .refine(
        ({ from, to, scopes }) =>
          from !== to || Object.entries(scopes).every(([gained, warrant]) => gained === warrant),
        { path: ['scopes'], message: 'at the same resource a scope can only warrant itself' },
      )
      .transform(({ accepts_bound_tokens: bound, ...rule }): ExchangeRule => ({
        ...rule,
        ...(bound ? { acceptsBoundTokens: true } : {}),
      })),
  )
  .min(1)
  .max(50)
  .refine(
    (rules) => new Set(rules.map(({ from, to }) => `${from} ${to}`)).size === rules.length,
    'must hold one rule for each pair of resources',
  );
