import type { z } from 'zod';

/** One environment variable. The schema reads its text. */
export interface Setting<T> {
  readonly schema: z.ZodType<T>;
  readonly description: string;
  /** Text as an operator would write it. */
  readonly default?: string;
  /** May stay unset: the value is then undefined. */
  readonly optional: boolean;
  /** The text itself is a secret (not merely the path of one). */
  readonly secret: boolean;
}

interface SettingOptions<T> {
  readonly schema: z.ZodType<T>;
  readonly description: string;
  readonly secret?: boolean;
}

/** With `default` it always has a value, with `optional: true` it may be undefined, with neither it must be set. */
export function setting<T>(options: SettingOptions<T> & { readonly optional: true }): Setting<T | undefined>;
export function setting<T>(options: SettingOptions<T> & { readonly default?: string }): Setting<T>;
export function setting<T>(
  options: SettingOptions<T> & { readonly default?: string; readonly optional?: boolean },
): Setting<T> {
  return {
    schema: options.schema,
    description: options.description,
    ...(options.default === undefined ? {} : { default: options.default }),
    optional: options.optional ?? false,
    secret: options.secret ?? false,
  };
}
