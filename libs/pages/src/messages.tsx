import type { ComponentChildren, JSX } from 'preact';
import { fieldId } from './fields.js';

/** Something went wrong. Read out at once. */
export function Alert({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="alert" role="alert">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export interface FieldProblem {
  readonly field: string;
  readonly text: string;
}

/** All problems of a form at its head, each a link to its field. Shows nothing when there are none. */
export function ErrorSummary({
  title = 'Please check what you entered',
  problems,
}: {
  title?: string;
  problems: readonly FieldProblem[];
}): JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <Alert title={title}>
      <ul>
        {problems.map(({ field, text }) => (
          <li key={field}>
            <a href={`#${fieldId(field)}`}>{text}</a>
          </li>
        ))}
      </ul>
    </Alert>
  );
}

/** Something to know before deciding. Part of the reading order, not an interruption. */
export function Warning({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="warning">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Something good to know before deciding. */
export function Note({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="note">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export interface Definition {
  readonly term: string;
  readonly value: ComponentChildren;
}

export function DefinitionList({ items }: { items: readonly Definition[] }): JSX.Element {
  return (
    <dl>
      {items.map(({ term, value }) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
