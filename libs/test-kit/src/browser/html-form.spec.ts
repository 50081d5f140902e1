import { describe, expect, it } from '@jest/globals';
import { readForms, visibleText } from './html-form.js';

const page = `<!doctype html><html><head><title>T</title><style>form{}</style></head><body>
<!-- <form action="/old"></form> -->
<form action="/interaction/1/consent" method="post">
  <input type="hidden" name="csrf" value="a&amp;b&#39;&quot;&#x3C;"/>
  <label><input type="checkbox" name="scope" value="invoices:read" checked disabled> See invoices</label>
  <input type='checkbox' name='scope' value='x'>
  <button type="submit" name="decision" value="approve" autofocus>Allow</button>
</form><p>Anna&nbsp;&amp; co</p></body></html>`;

describe('readForms', () => {
  it('reads action, method and controls with their entities resolved', () => {
    const [form] = readForms(page, 'http://127.0.0.1:4000/interaction/1');
    expect(form?.action).toBe('http://127.0.0.1:4000/interaction/1/consent');
    expect(form?.method).toBe('post');
    expect(form?.controls.map(({ kind, name, value, checked }) => [kind, name, value, checked])).toEqual([
      ['hidden', 'csrf', 'a&b\'"<', false],
      ['checkbox', 'scope', 'invoices:read', true],
      ['checkbox', 'scope', 'x', false],
      ['submit', 'decision', 'approve', false],
    ]);
    expect(form?.controls[1]?.disabled).toBe(true);
  });

  it('reads what a person sees, not comments, styles or tags', () => {
    expect(visibleText(page)).toBe('See invoices Allow Anna & co');
  });

  it.each([
    ['a form that never ends', '<form action="/a" method="post"><input name="x">'],
    ['unquoted attributes', '<form action=/a method=post></form>'],
    ['an unknown control', '<form action="/a" method="post"><select name="x"></select></form>'],
    ['an attribute twice', '<form action="/a" action="/b" method="post"></form>'],
    ['a form within a form', '<form action="/a"><form action="/b"></form></form>'],
    ['an unknown entity', '<form action="/a&unknown;"></form>'],
    ['another encoding', '<form action="/a" method="post" enctype="multipart/form-data"></form>'],
  ])('fails on %s instead of reading half of it', (_, html) => {
    expect(() => readForms(html, 'http://127.0.0.1/')).toThrow();
  });
});
