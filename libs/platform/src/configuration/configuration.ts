/**
 * Reads the environment once, at the start, and says everything that is wrong with it at once. An app declares its
 * settings in `src/config.ts`; docs/configuration.md is made from the same declaration.
 *
 * Values are never echoed, secret or not: a password often ends up in the wrong variable.
 */
import { readSecretFile } from './secret-file.js';
import type { Setting } from './setting.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';

type Settings = Readonly<Record<string, Setting<unknown>>>;

export type ConfigurationValues<S extends Settings> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never;
};

/** A rule over several settings. It sees only those that are valid by themselves, so that no round is wasted. */
export type ConfigurationRule<S extends Settings> = (
  values: Partial<ConfigurationValues<S>>,
) => readonly ConfigurationProblem[];

export interface ConfigurationDefinition<S extends Settings = Settings> {
  readonly settings: S;
  readonly rules: readonly ConfigurationRule<S>[];
}

/** The values of a definition: `type Config = ConfigurationOf<typeof definition>`. */
export type ConfigurationOf<D> = D extends ConfigurationDefinition<infer S> ? ConfigurationValues<S> : never;

export function defineConfiguration<S extends Settings>(
  settings: S,
  rules: readonly ConfigurationRule<S>[] = [],
): ConfigurationDefinition<S> {
  return { settings, rules };
}

/**
 * A frozen result. A variable that is empty or blank counts as not set; unknown variables are ignored. A secret may also
 * stand in a file that only its owner may read, named by the variable with `_FILE` behind it: an environment shows in
 * process lists and crash reports.
 * @throws ConfigurationError with every problem
 */
export function loadConfiguration<S extends Settings>(
  definition: ConfigurationDefinition<S>,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigurationValues<S> {
  const problems: ConfigurationProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [variable, setting] of Object.entries(definition.settings)) {
    const [text, problem] = given(variable, setting, environment);
    if (problem) {
      problems.push(problem);
      continue;
    }
    if (text === undefined) {
      if (setting.optional) values[variable] = undefined;
      else problems.push({ variable, problem: `must be set: ${setting.description}` });
      continue;
    }
    const result = setting.schema.safeParse(text);
    if (result.success) values[variable] = frozen(result.data);
    else problems.push({ variable, problem: problemOf(result.error.issues[0]?.message, text) });
  }
  const valid = values as Partial<ConfigurationValues<S>>;
  problems.push(...definition.rules.flatMap((rule) => rule(valid)));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze(values) as ConfigurationValues<S>;
}

function given(
  variable: string,
  setting: Setting<unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): readonly [text?: string | undefined, problem?: ConfigurationProblem | undefined] {
  const written = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const text = written(variable);
  const file = setting.secret ? written(`${variable}_FILE`) : undefined;
  if (file === undefined) return [text ?? setting.default];
  if (text !== undefined) return [undefined, { variable, problem: `and ${variable}_FILE must not both be set` }];
  try {
    return [readSecretFile(`${variable}_FILE`, file)];
  } catch (error) {
    if (error instanceof ConfigurationError) return [undefined, error.problems[0]];
    throw error;
  }
}

/** A message that repeats its input is replaced. */
function problemOf(message: string | undefined, text: string): string {
  return message === undefined || (text.length > 5 && message.includes(text)) ? 'is not valid' : message;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

export interface SettingDescription {
  readonly name: string;
  readonly description: string;
  readonly default?: string;
  readonly optional: boolean;
  readonly secret: boolean;
}

/** What docs/configuration.md says of each setting, in the order of the definition. */
export function describeConfiguration(definition: { readonly settings: Settings }): readonly SettingDescription[] {
  return Object.entries(definition.settings).map(([name, { description, default: text, optional, secret }]) => ({
    name,
    description,
    ...(text === undefined ? {} : { default: text }),
    optional,
    secret,
  }));
}
