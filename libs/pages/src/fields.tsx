import type { ComponentChildren, JSX } from 'preact';

export function fieldId(name: string): string {
  return `field-${name.replace(/[^A-Za-z0-9_-]/g, '-')}`;
}

interface FieldProps {
  name: string;
  label: string;
  hint?: string | undefined;
  /** What is wrong with it, said right at the field. */
  error?: string | undefined;
  autofocus?: boolean;
}

interface TextFieldProps extends FieldProps {
  value?: string | undefined;
  autocomplete: 'username' | 'name' | 'email' | 'one-time-code' | 'off';
}

export function TextField({ value, autocomplete, ...field }: TextFieldProps): JSX.Element {
  return (
    <Field {...field}>
      <input
        {...control(field)}
        type="text"
        value={value ?? ''}
        autocomplete={autocomplete}
        autocapitalize="none"
        spellcheck={false}
        maxLength={512}
      />
    </Field>
  );
}

/** Never filled in by us: a password does not come back in a page. */
export function PasswordField({
  purpose,
  ...field
}: FieldProps & { purpose: 'current-password' | 'new-password' }): JSX.Element {
  return (
    <Field {...field}>
      <input {...control(field)} type="password" autocomplete={purpose} maxLength={1024} />
    </Field>
  );
}

function Field({ name, label, hint, error, children }: FieldProps & { children: ComponentChildren }): JSX.Element {
  return (
    <div class="field">
      <label for={fieldId(name)}>{label}</label>
      {hint === undefined ? null : (
        <span class="hint" id={`${fieldId(name)}-hint`}>
          {hint}
        </span>
      )}
      {error === undefined ? null : (
        <span class="problem" id={`${fieldId(name)}-problem`}>
          {error}
        </span>
      )}
      {children}
    </div>
  );
}

interface ControlAttributes {
  id: string;
  name: string;
  required: true;
  autofocus?: true;
  'aria-invalid'?: 'true';
  'aria-describedby'?: string;
}

function control({ name, hint, error, autofocus }: FieldProps): ControlAttributes {
  const described = [
    hint === undefined ? [] : `${fieldId(name)}-hint`,
    error === undefined ? [] : `${fieldId(name)}-problem`,
  ].flat();
  return {
    id: fieldId(name),
    name,
    required: true,
    ...((autofocus ?? false) ? { autofocus: true } : {}),
    ...(error === undefined ? {} : { 'aria-invalid': 'true' }),
    ...(described.length === 0 ? {} : { 'aria-describedby': described.join(' ') }),
  };
}

export interface Choice {
  readonly value: string;
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  readonly checked: boolean;
}

/** Check boxes of one name; the form carries the name once for each that is checked. */
export function CheckboxList({
  legend,
  name,
  choices,
}: {
  legend: string;
  name: string;
  choices: readonly Choice[];
}): JSX.Element {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {choices.map(({ value, label, hint, checked }, index) => {
        const id = `${fieldId(name)}-${index}`;
        return (
          <div class="choice" key={value}>
            <input
              type="checkbox"
              id={id}
              name={name}
              value={value}
              checked={checked}
              {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
            />
            <div>
              <label for={id}>{label}</label>
              {hint === undefined ? null : (
                <span class="hint" id={`${id}-hint`}>
                  {hint}
                </span>
              )}
            </div>
          </div>
        );
      })}
    </fieldset>
  );
}
