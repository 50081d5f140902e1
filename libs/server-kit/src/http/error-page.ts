import type { RenderedPage } from '@gatehouse/pages';
import type { Refusal } from './refusal.js';

/** How the app shows a refusal to a person. */
export abstract class ErrorPage {
  /** `requestId` finds the line in the log. */
  abstract render(refusal: Refusal, requestId?: string): RenderedPage;
}
