import { type SessionContext } from '@gatehouse/authorization-server';

/** Of every table that keeps in which session a person approved: three columns, all there or none. */
export interface SessionContextRecord {
  readonly sid: string | null;
  readonly acr: string | null;
  readonly amr: readonly string[] | null;
}

/** The columns `sid, acr, amr`, in this order. */
export function sessionValues(session: SessionContext | undefined): readonly unknown[] {
  return [session?.sid, session?.acr, session?.amr];
}

/** Nothing for what was written before sessions had a public name. */
export function toSession({ sid, acr, amr }: SessionContextRecord): { readonly session?: SessionContext } {
  return sid === null || acr === null || amr === null ? {} : { session: { sid, acr, amr } };
}
