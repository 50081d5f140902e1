import { ConfigurationError } from '../configuration/configuration-error.js';
import { isError } from '../errors/is-error.js';
import { redactText } from '../logger/redaction.js';

const MAX_CAUSES = 3;

/**
 * Why a process or command could not do its work, for the operator who started it. Configuration problems come without a
 * stack; everything else with it, and with its causes: only they say that a host does not answer or a password is wrong.
 * Without secrets.
 */
export function failureText(error: unknown): string {
  if (error instanceof ConfigurationError) return error.message;
  if (error instanceof AggregateError) return error.errors.map(failureText).join('\n');
  if (!isError(error)) return 'The start failed.';
  return redactText([error.stack ?? error.message, ...causesOf(error)].join('\n'));
}

function causesOf({ cause }: Error, depth = 0): readonly string[] {
  if (!isError(cause) || depth === MAX_CAUSES) return [];
  // Node tries all addresses of a name and fails with an error for each.
  const texts = cause instanceof AggregateError ? cause.errors.filter(isError).map(({ message }) => message) : [];
  const text = texts.length > 0 ? texts.join(', ') : cause.message;
  return [`  caused by ${cause.name}: ${text}`, ...causesOf(cause, depth + 1)];
}
