/**
 * Reads the environment once, at the start, and says everything that is wrong with it at once. An app declares its
 * settings in `src/config.ts`; docs/configuration.md is made from the same declaration.
 *
 * Values are never echoed, secret or not: a password often ends up in the wrong variable.
 */
import type { Setting } from './setting.js';

type Settings = Readonly<Record<string, Setting<unknown>>>;

export interface ConfigurationProblem {
  readonly variable: string;
  /** What is wrong with it, without its value: "must be …". */
  readonly problem: string;
}

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

/** All problems of a configuration, one plain line a problem. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[]) {
    super(
      ['The configuration is not usable:', ...problems.map(({ variable, problem }) => `  ${variable} ${problem}`)].join(
        '\n',
      ),
    );
    this.problems = problems;
  }
}

/**
 * A frozen result. A variable that is empty or blank counts as not set; unknown variables are ignored.
 * @throws ConfigurationError with every problem
 */
export function loadConfiguration<S extends Settings>(
  definition: ConfigurationDefinition<S>,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigurationValues<S> {
  const problems: ConfigurationProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [variable, setting] of Object.entries(definition.settings)) {
    const given = environment[variable]?.trim();
    const text = given === undefined || given === '' ? setting.default : given;
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
