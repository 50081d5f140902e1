import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { VNode } from 'preact';
import {
  Alert,
  Button,
  Buttons,
  CheckboxList,
  DefinitionList,
  Document,
  ErrorSummary,
  ExternalText,
  Form,
  Heading,
  PasswordField,
  Subheading,
  TextField,
  Warning,
  renderPage,
} from './index.js';

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title><script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '<!--<script>',
  'javascript:alert(1)',
  '&lt;script&gt;',
  '\u0000<b>',
  '\u202eevil',
  '{{constructor}}',
];

/** Every part with the text in every place that takes one. */
function everywhere(text: string): VNode {
  return (
    <Document title={text} product={text} lang={text}>
      <Heading>{text}</Heading>
      <Subheading>{text}</Subheading>
      <ErrorSummary title={text} problems={[{ field: text, text }]} />
      <Alert title={text}>{text}</Alert>
      <Warning title={text}>{text}</Warning>
      <DefinitionList items={[{ term: text, value: <ExternalText text={text} /> }]} />
      <Form action={`/interaction/${encodeURIComponent(text)}`} csrf={text}>
        <TextField name={text} label={text} value={text} hint={text} error={text} autocomplete="username" />
        <PasswordField name={text} label={text} hint={text} error={text} purpose="current-password" />
        <CheckboxList legend={text} name={text} choices={[{ value: text, label: text, hint: text, checked: true }]} />
        <Buttons>
          <Button name={text} value={text}>
            {text}
          </Button>
        </Buttons>
      </Form>
    </Document>
  );
}

/** Tag and attribute names of a document, with a scanner that knows no mercy for unescaped input. */
function structure(html: string): readonly string[] {
  const withoutStyle = html.replace(/<style>[^<]*<\/style>/, '<style></style>');
  return [...withoutStyle.matchAll(/<([^\s>]+)((?:\s+[a-zA-Z-]+(?:="[^"<]*")?)*)\s*\/?>/g)].map(
    ([, tag = '', attributes = '']) =>
      [tag, ...[...attributes.matchAll(/\s([a-zA-Z-]+)(?:="[^"]*")?/g)].map(([, name]) => name)].join(' '),
  );
}

function render(page: VNode): string {
  return renderPage(page).html;
}

describe('pages', () => {
  it.each(hostile)('have the same structure whatever is written in them: %j', (text) => {
    const html = render(everywhere(text));
    expect(structure(html)).toEqual(structure(render(everywhere('plain'))));
    expect(html.match(/</g)).toHaveLength(render(everywhere('plain')).match(/</g)!.length);
    expect(html).not.toContain('<script');
  });

  it('carry one inline style, and the policy allows exactly that text', () => {
    const { html, headers } = renderPage(everywhere('plain'));
    const styles = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, text]) => text ?? '');
    expect(styles).toHaveLength(1);
    const source = `'sha256-${hash('sha256', styles[0]!, 'base64')}'`;
    expect(headers['content-security-policy']).toContain(`style-src ${source};`);
    expect(html).not.toMatch(/\sstyle=/);
  });

  it('load nothing and link nowhere', () => {
    expect(render(everywhere('plain'))).not.toMatch(
      /<(script|link|img|iframe|object|embed|video|audio|base|svg)\b|url\(|@import|\ssrc=|https?:/,
    );
  });

  it('say in their headers what a browser must not do', () => {
    const { headers } = renderPage(everywhere('plain'));
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      // With no-referrer a browser sends `Origin: null` with our forms.
      'referrer-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
  });

  it('let a form lead back to the client it is for', () => {
    const policyFor = (...formActionOrigins: string[]): string | undefined =>
      /form-action ([^;]*)/.exec(renderPage(<p />, { formActionOrigins }).headers['content-security-policy']!)?.[1];
    expect(policyFor('https://app.example')).toBe("'self' https://app.example");
    expect(policyFor('http://127.0.0.1:33418')).toBe("'self' http://127.0.0.1:33418");
    expect(policyFor('http://localhost:33418')).toBe("'self' http://localhost:33418");
    expect(policyFor('http://[::1]:33418')).toBe("'self' http://*:33418");
    expect(policyFor('com.example.app:')).toBe("'self' com.example.app:");
    expect(policyFor('https://app.example', 'https://app.example')).toBe("'self' https://app.example");
  });

  it.each([
    "https://a.example; script-src 'unsafe-inline'",
    "https://a.example;script-src/'unsafe-inline'",
    'https://a.example, default-src *',
    'https://a.example\r\nset-cookie: a=b',
    'https://*',
    '*',
    'https:',
    'http:',
    'javascript:',
    'data:',
    "'unsafe-inline'",
    'https://a.example/path',
    'http://[::1]',
    'null',
    '',
  ])('do not let a client write its own policy: %j', (origin) => {
    const { headers } = renderPage(<p />, { formActionOrigins: [origin] });
    expect(headers['content-security-policy']).toContain("form-action 'self'; frame-ancestors");
  });
});

describe('ExternalText', () => {
  const shown = (text: string, maxLength?: number): string =>
    render(<ExternalText text={text} {...(maxLength === undefined ? {} : { maxLength })} />).replace(
      '<!doctype html>',
      '',
    );

  it('isolates a name, so that its direction ends with it', () => {
    expect(shown('שלום')).toBe('<bdi>שלום</bdi>');
  });

  it('leaves names of all scripts, and their emoji, as they are', () => {
    for (const name of ['Zoë', '李雷', 'Нина', 'नमस्ते', 'Claude Code ✨', 'A & B']) {
      expect(shown(name)).toBe(`<bdi>${name.replace('&', '&amp;')}</bdi>`);
    }
  });

  it('shows a mark where a character would hide or reorder', () => {
    for (const character of ['\u202e', '\u2066', '\u200b', '\u0000', '\u001b', '\ufeff', '\u{e0041}', '\ud800'])
      expect(shown(`a${character}b`)).toBe('<bdi>a\ufffdb</bdi>');
  });

  it('keeps a name on one line, short, and its marks low', () => {
    expect(shown('a \n\t  b')).not.toMatch(/\s{2}|\n/);
    expect(shown('x'.repeat(200))).toBe(`<bdi>${'x'.repeat(119)}…</bdi>`);
    expect(shown('𝒳'.repeat(9), 5)).toBe(`<bdi>${'𝒳'.repeat(4)}…</bdi>`);
    expect(shown(`Z${'\u0335'.repeat(50)}`)).toBe(`<bdi>Z${'\u0335'.repeat(4)}</bdi>`);
  });
});

describe('forms', () => {
  it('post the CSRF token, and only to us', () => {
    const html = render(
      <Form action="/interaction/1/sign-in" csrf={'t&k"'}>
        x
      </Form>,
    );
    expect(html).toContain('<form method="post" action="/interaction/1/sign-in"');
    expect(html).toContain('<input type="hidden" name="csrf" value="t&amp;k&quot;"');
    for (const action of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', ''])
      expect(() =>
        render(
          <Form action={action} csrf="t">
            x
          </Form>,
        ),
      ).toThrow(TypeError);
  });

  it('connect each field with its label, hint and problem', () => {
    const html = render(
      <TextField name="username" label="Username" hint="As in your mail" error="Enter it" autocomplete="username" />,
    );
    expect(html).toContain('<label for="field-username">Username</label>');
    expect(html).toContain('id="field-username-hint"');
    expect(html).toContain('id="field-username-problem"');
    expect(html).toMatch(
      /<input id="field-username"[^>]* aria-describedby="field-username-hint field-username-problem"/,
    );
    expect(html).toContain('aria-invalid="true"');
    const calm = render(<TextField name="username" label="Username" autocomplete="username" />);
    expect(calm).not.toMatch(/aria-(invalid|describedby)/);
  });

  it('lead from the summary of problems to the field', () => {
    const html = render(
      <>
        <ErrorSummary problems={[{ field: 'username', text: 'Enter your username' }]} />
        <TextField name="username" label="Username" autocomplete="username" />
      </>,
    );
    expect(html).toMatch(/role="alert"[\s\S]*href="#field-username"[\s\S]*<input id="field-username"/);
    expect(render(<ErrorSummary problems={[]} />)).toBe('<!doctype html>');
  });

  it('never send a password back', () => {
    const html = render(<PasswordField name="password" label="Password" purpose="current-password" />);
    expect(html).toContain('type="password"');
    expect(html).toContain('autocomplete="current-password"');
    expect(html).not.toMatch(/\svalue=/);
  });

  it('group check boxes under a legend, each with its label and explanation', () => {
    const html = render(
      <CheckboxList
        legend="It may"
        name="scope"
        choices={[
          { value: 'a:read', label: 'read', hint: 'your invoices', checked: true },
          { value: 'a:write', label: 'write', checked: false },
        ]}
      />,
    );
    expect(html).toContain('<fieldset><legend>It may</legend>');
    expect(html).toMatch(
      /id="field-scope-0" name="scope" value="a:read" checked aria-describedby="field-scope-0-hint"/,
    );
    expect(html).toMatch(/id="field-scope-1" name="scope" value="a:write"\/?>/);
    expect(html).toContain('<label for="field-scope-1">write</label>');
  });

  it('have buttons that work without script, in the order they are read', () => {
    const html = render(
      <Buttons>
        <Button kind="main" name="decision" value="approve">
          Allow
        </Button>
        <Button name="decision" value="deny" skipsChecks>
          Deny
        </Button>
      </Buttons>,
    );
    expect(html).toMatch(/<button type="submit" class="main" name="decision" value="approve">Allow<\/button>/);
    expect(html).toMatch(
      /<button type="submit" class="plain" name="decision" value="deny" formnovalidate>Deny<\/button>/i,
    );
  });
});
