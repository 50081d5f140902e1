/**
 * Reads the forms of our own pages. Strict on purpose: a control or a spelling it does not know is an error, so a page
 * that changes breaks its tests loudly instead of being filled in half.
 */
export interface HtmlControl {
  readonly kind: 'hidden' | 'text' | 'password' | 'checkbox' | 'submit';
  readonly name: string | undefined;
  readonly value: string;
  readonly checked: boolean;
  readonly disabled: boolean;
  readonly attributes: ReadonlyMap<string, string>;
}

export interface HtmlForm {
  /** Absolute. */
  readonly action: string;
  readonly method: 'get' | 'post';
  readonly controls: readonly HtmlControl[];
}

const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*)\s*(\/?)>/g;
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?/g;
const ENTITY: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

export function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|([a-zA-Z]+));/g, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(String(hex), 16));
    const known = ENTITY[String(name)];
    if (known === undefined) throw new Error(`unknown entity: ${whole}`);
    return known;
  });
}

/** What a person reads, tags and scripts removed. */
export function visibleText(html: string): string {
  const body = withoutOpaque(html).replace(/<head[\s>][\s\S]*?<\/head>/i, ' ');
  return unescapeHtml(body.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

/** @throws Error for markup that this reader does not understand */
export function readForms(html: string, base: string): readonly HtmlForm[] {
  const forms: HtmlForm[] = [];
  let open: { action: string; method: 'get' | 'post'; controls: HtmlControl[] } | undefined;
  for (const [whole, closing, rawName = '', rawAttributes = ''] of withoutOpaque(html).matchAll(TAG)) {
    const name = rawName.toLowerCase();
    if (name === 'form' && closing) {
      if (!open) throw new Error('a form ends that never began');
      forms.push(open);
      open = undefined;
    } else if (name === 'form') {
      if (open) throw new Error('a form within a form');
      open = formOf(attributesOf(rawAttributes), base);
    } else if (!closing && ['input', 'button', 'select', 'textarea', 'fieldset'].includes(name)) {
      const attributes = attributesOf(rawAttributes);
      if (name === 'fieldset') {
        if (attributes.has('disabled')) throw new Error('a disabled fieldset is not understood');
      } else if (attributes.has('form')) throw new Error(`a control outside its form is not understood: ${whole}`);
      else open?.controls.push(controlOf(name, attributes));
    }
  }
  if (open) throw new Error('a form that never ends');
  const written = (withoutOpaque(html).match(/<form[\s>]/gi) ?? []).length;
  if (written !== forms.length) throw new Error(`${written} forms are written, ${forms.length} were understood`);
  return forms;
}

function withoutOpaque(html: string): string {
  return html.replace(/<!--[\s\S]*?-->/g, '').replace(/<(script|style)[\s>][\s\S]*?<\/\1>/gi, '');
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', double, single] of text.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase();
    if (found.has(key)) throw new Error(`an attribute twice: ${name}`);
    found.set(key, unescapeHtml(double ?? single ?? ''));
  }
  return found;
}

function formOf(
  attributes: ReadonlyMap<string, string>,
  base: string,
): { action: string; method: 'get' | 'post'; controls: HtmlControl[] } {
  const method = (attributes.get('method') ?? 'get').toLowerCase();
  if (method !== 'get' && method !== 'post') throw new Error(`a form with method ${method}`);
  const encoding = attributes.get('enctype') ?? 'application/x-www-form-urlencoded';
  if (encoding !== 'application/x-www-form-urlencoded') throw new Error(`a form with enctype ${encoding}`);
  return { action: new URL(attributes.get('action') ?? '', base).href, method, controls: [] };
}

function controlOf(tag: string, attributes: ReadonlyMap<string, string>): HtmlControl {
  const type = (attributes.get('type') ?? (tag === 'button' ? 'submit' : 'text')).toLowerCase();
  const kind = type === 'email' ? 'text' : type;
  const known = ['hidden', 'text', 'password', 'checkbox', 'submit'] as const;
  const fitting = known.find((one) => one === kind);
  if (!fitting || tag === 'select' || tag === 'textarea')
    throw new Error(`a control that is not understood: ${tag} ${type}`);
  return {
    kind: fitting,
    name: attributes.get('name'),
    value: attributes.get('value') ?? (fitting === 'checkbox' ? 'on' : ''),
    checked: attributes.has('checked'),
    disabled: attributes.has('disabled'),
    attributes,
  };
}
