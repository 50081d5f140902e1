import { SsoProblem } from '@gatehouse/identity';
import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';

/** What a library threw, as one of the few things that a person can be told. The error itself is for the log. */
export function asProblem(error: unknown): SsoProblem {
  const ours = causes(error).find((each) => each instanceof SsoProblem);
  if (ours) return ours;
  if (error instanceof AuthorizationResponseError) {
    const { error: code } = error;
    const theirs = code === 'server_error' || code === 'temporarily_unavailable';
    return new SsoProblem(theirs ? 'provider_unavailable' : 'provider_refused', named(error.name, code));
  }
  if (error instanceof ResponseBodyError) {
    const ofClient = ['invalid_client', 'unauthorized_client', 'unsupported_grant_type'].includes(error.error);
    const reason = ofClient
      ? 'provider_misconfigured'
      : error.status >= 500
        ? 'provider_unavailable'
        : 'invalid_provider_answer';
    return new SsoProblem(reason, named(error.name, error.error));
  }
  const answer = causes(error).find((each) => each instanceof Response);
  const isDown = answer !== undefined && answer.status >= 500;
  return new SsoProblem(isDown ? 'provider_unavailable' : 'invalid_provider_answer', withoutAnswer(error));
}

/** The chain of causes, bounded. */
function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let each = error; each !== undefined && chain.length < 5; each = each instanceof Error ? each.cause : undefined)
    chain.push(each);
  return chain;
}

/** For the log: which rule was broken. What was compared stands in the cause of the library's error, claims included, and stays out. */
function withoutAnswer(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return named(error.name, `${error.message} ${code}`.trim());
}

function named(name: string, message: string): Error {
  const told = new Error(message.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 200));
  told.name = name;
  return told;
}
