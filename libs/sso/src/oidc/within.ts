import { SsoProblem } from '@gatehouse/identity';

/** A page within ten seconds, whatever a provider does: what it does later is nobody's business any more. */
const LONGEST = 8_000;

/** @throws SsoProblem provider_unavailable when it takes longer */
export async function within<T>(work: Promise<T>, milliseconds = LONGEST): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new SsoProblem('provider_unavailable'));
  }, milliseconds);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
