import type { CeremonyOptions } from '@gatehouse/identity';
import { Button, Buttons, Form } from '@gatehouse/pages';
import type { ComponentChildren, JSX } from 'preact';
import { hash } from 'node:crypto';

/**
 * All the script there is, on the pages of passkeys and nowhere else: it hands the question to the browser and posts the
 * answer with the form. It loads and sends nothing by itself; the policy of the page allows exactly this text.
 */
const SCRIPT = `
const field = document.getElementById('passkey-response');
const create = field.dataset.ceremony === 'create';
field.form.addEventListener('submit', async (event) => {
  if (field.value !== '') return;
  event.preventDefault();
  try {
    const options = JSON.parse(field.dataset.options);
    const credential = create
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    field.value = JSON.stringify(credential.toJSON());
    field.form.submit();
  } catch {
    document.getElementById('passkey-problem').hidden = false;
  }
});
`;

/** Source expression for script-src. */
export const PASSKEY_SCRIPT_SOURCE = `'sha256-${hash('sha256', SCRIPT, 'base64')}'`;

interface PasskeyForm {
  readonly ceremony: 'create' | 'get';
  readonly options: CeremonyOptions;
  readonly action: string;
  readonly csrf: string;
  readonly label: string;
  readonly children?: ComponentChildren;
}

export function PasskeyForm({ ceremony, options, action, csrf, label, children }: PasskeyForm): JSX.Element {
  return (
    <>
      <Form action={action} csrf={csrf}>
        {children}
        <input
          type="hidden"
          id="passkey-response"
          name="passkey"
          value=""
          data-ceremony={ceremony}
          data-options={JSON.stringify(options)}
        />
        <p id="passkey-problem" class="problem" hidden>
          That did not work. Try again, or use another way.
        </p>
        <noscript>
          <p>Passkeys need JavaScript in this browser.</p>
        </noscript>
        <Buttons>
          <Button>{label}</Button>
        </Buttons>
      </Form>
      {/* Our own constant; the policy allows exactly this text. */}
      <script type="module" dangerouslySetInnerHTML={{ __html: SCRIPT }} />
    </>
  );
}
