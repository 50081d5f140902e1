/** Why the house refused, in its own words: the wire does not tell, the counters do. */
import { ask } from '@gatehouse/test-kit';
import { stack } from '../flows/house.js';

type App = 'auth-server' | 'resource-server';

const COUNTERS = { 'auth-server': 'gatehouse_refusals_total', 'resource-server': 'resource_refusals_total' } as const;

/** The series that an application's metrics have now, with their values. */
export async function seriesOf(app: App, url = stack.metrics?.[app]): Promise<ReadonlyMap<string, number>> {
  if (url === undefined) throw new Error(`the stack file does not say where ${app} shows its metrics`);
  const { text } = await ask(url);
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line): [string, number] => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
}

/** The reasons that were counted while `run` ran, in alphabetical order, each as often as it was counted. */
export async function reasonsOf(run: () => Promise<unknown>, app: App = 'auth-server'): Promise<readonly string[]> {
  const before = await seriesOf(app);
  await run();
  const reasons: string[] = [];
  for (const [series, count] of await seriesOf(app)) {
    const reason = /reason="([^"]*)"/.exec(series)?.[1];
    if (!series.startsWith(`${COUNTERS[app]}{`) || reason === undefined) continue;
    for (let more = count - (before.get(series) ?? 0); more > 0; more -= 1) reasons.push(reason);
  }
  return reasons.sort();
}
