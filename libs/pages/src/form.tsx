import type { ComponentChildren, JSX } from 'preact';

interface FormProps {
  /** Path on our own origin. */
  action: string;
  csrf: string;
  children: ComponentChildren;
}

/** Always POST, always with the CSRF token. @throws TypeError for an action that leaves our origin: a mistake of ours */
export function Form({ action, csrf, children }: FormProps): JSX.Element {
  if (!/^\/(?![/\\])/.test(action)) throw new TypeError('a form posts to a path of ours');
  return (
    <form method="post" action={action} accept-charset="utf-8">
      <input type="hidden" name="csrf" value={csrf} />
      {children}
    </form>
  );
}

/** In reading order; the first is what Enter does. */
export function Buttons({ children }: { children: ComponentChildren }): JSX.Element {
  return <div class="buttons">{children}</div>;
}

interface ButtonProps {
  kind?: 'main' | 'plain' | 'link';
  name?: string;
  value?: string;
  /** Sends the form though required fields are empty: for cancelling. */
  skipsChecks?: boolean;
  children: ComponentChildren;
}

export function Button({ kind = 'plain', name, value, skipsChecks = false, children }: ButtonProps): JSX.Element {
  return (
    <button type="submit" class={kind} name={name} value={value} formNoValidate={skipsChecks}>
      {children}
    </button>
  );
}
