import type { AnswerProblem } from '@gatehouse/platform';

/** Requests that reached no route of ours. */
export const answerProblem: AnswerProblem = (problem) => {
  const error = problem.kind === 'not_found' ? 'not_found' : 'invalid_request';
  const error_description =
    problem.kind === 'not_found' ? 'There is nothing at this address.' : 'The request is malformed.';
  return {
    status: problem.statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ error, error_description }),
  };
};
