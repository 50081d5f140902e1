/** The time. Cores take it as a port so that tests can stop it. */
export abstract class Clock {
  abstract now(): Date;
}

export class SystemClock extends Clock {
  override now(): Date {
    return new Date(); // eslint-disable-line no-restricted-syntax -- the one place where the real time comes in
  }
}

export function secondsSinceEpoch(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

export function after(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000);
}
