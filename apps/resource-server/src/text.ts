import { z } from 'zod';

/** One line of text: no control, formatting or unassigned characters, which could make it look like something else. */
export const line = (longest: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\p{C}]*$/u, 'must be one line of visible text');
