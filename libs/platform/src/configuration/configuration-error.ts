export interface ConfigurationProblem {
  readonly variable: string;
  /** What is wrong with it, without its value: "must be …". */
  readonly problem: string;
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
