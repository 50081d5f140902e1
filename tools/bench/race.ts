/**
 * Twenty uses of one code, and of one refresh token, at the same moment over two server processes. What counts is how many
 * different outcomes there are, not how many answers say 200: a refresh token that is repeated within the retry window is
 * answered with the same successor again, by design (docs/decisions/0001-refresh-rule.md), and one successor is one winner.
 */
import { Connection } from './connection.ts';
import { authorize, redeem, redemption, type Target } from './target.ts';

const USES = 20;

export interface Race {
  readonly what: 'code' | 'refresh token';
  readonly times: number;
  /** Of the worst run. */
  readonly winners: number;
  readonly answers: number;
}

export async function race(target: Target, origins: readonly string[], times: number): Promise<readonly Race[]> {
  const connections = await Promise.all(
    Array.from({ length: USES }, (_, index) => Connection.open(origins[index % origins.length] ?? target.origin)),
  );
  const [first] = connections;
  if (!first) return [];
  const person = { connection: first, cookies: target.cookies[0] ?? '' };
  const codes: Outcome[] = [];
  const refreshes: Outcome[] = [];
  for (let run = 0; run < times; run += 1) {
    codes.push(await all(target, connections, redemption(await authorize(target, person))));
    const { refresh_token } = await redeem(target, first, await authorize(target, person));
    refreshes.push(await all(target, connections, `grant_type=refresh_token&refresh_token=${refresh_token}`));
  }
  for (const connection of connections) connection.close();
  return [worst('code', codes), worst('refresh token', refreshes)];
}

interface Outcome {
  readonly winners: number;
  readonly answers: number;
}

async function all(target: Target, connections: readonly Connection[], form: string): Promise<Outcome> {
  const answers = await Promise.all(
    connections.map((connection) => connection.post(target.paths.token, form, target.client)),
  );
  const good = answers.filter(({ status }) => status === 200).map(({ body }) => JSON.parse(body) as object);
  return {
    answers: good.length,
    winners: new Set(good.map((body) => (body as { readonly refresh_token?: string }).refresh_token)).size,
  };
}

function worst(what: Race['what'], outcomes: readonly Outcome[]): Race {
  const most = (read: (outcome: Outcome) => number): number => Math.max(...outcomes.map(read));
  // None is as wrong as two.
  const lost = outcomes.find(({ winners }) => winners === 0);
  return { what, times: outcomes.length, winners: lost ? 0 : most((o) => o.winners), answers: most((o) => o.answers) };
}

export function raceReport(name: string, processes: number, races: readonly Race[]): string {
  return races
    .map(
      ({ what, times, winners, answers }) =>
        `${name}: ${String(USES)} uses of one ${what} over ${String(processes)} process${processes > 1 ? 'es' : ''}, ` +
        `${String(times)} times: ${String(winners)} winner${winners === 1 ? '' : 's'} at most, ` +
        `${String(answers)} answer${answers === 1 ? '' : 's'}${winners === 1 && answers > 1 ? ', all with the same successor' : ''}`,
    )
    .join('\n');
}
