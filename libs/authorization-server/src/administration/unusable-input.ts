import { type MemberProblem, OAuthError } from '@gatehouse/protocol';
import { type z } from 'zod';

/** @throws OAuthError with every problem, invalid_client_metadata for a declaration and invalid_request for anything else */
export function readInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  code: 'invalid_request' | 'invalid_client_metadata' = 'invalid_request',
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const reason = code === 'invalid_request' ? 'malformed_request' : 'invalid_client_metadata';
  throw new OAuthError(code, reason, { problems: memberProblems(result.error) });
}

/** Our names and words only: an unknown member is not repeated. */
function memberProblems({ issues }: z.ZodError): readonly MemberProblem[] {
  return issues.map((issue) => ({
    member: issue.path.map(nameOf).join('.'),
    problem: issue.code === 'unrecognized_keys' ? 'has a member that is not known' : issue.message,
  }));
}

/** Some members are named by the caller. */
function nameOf(key: PropertyKey): string {
  return /^[A-Za-z0-9_]{1,60}$/.test(String(key)) ? String(key) : '*';
}
