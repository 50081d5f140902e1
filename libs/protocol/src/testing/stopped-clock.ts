import { after, Clock } from '../clock.js';

/** Stands still until told otherwise. */
export class StoppedClock extends Clock {
  constructor(private time = new Date('2026-05-04T10:00:00.000Z')) {
    super();
  }

  override now(): Date {
    return this.time;
  }

  advance(seconds: number): void {
    this.time = after(this.time, seconds);
  }
}
