/**
 * The one stylesheet, inline, allowed by its hash: no request, no file to serve, and injected styles do not apply.
 * Colours keep a contrast of at least 4.5:1 for text and 3:1 for borders of controls, in both schemes.
 */
import { hash } from 'node:crypto';

export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f3f4f6; --card: #ffffff; --text: #1b2430; --quiet: #4b5666; --line: #d5dae1; --control: #7a8594;
  --accent: #1f4fbf; --accent-text: #ffffff; --focus: #b45309;
  --alert: #a11221; --alert-page: #fdeceb; --warn: #7a4a00; --warn-page: #fff4dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151b; --card: #1a2029; --text: #e9edf3; --quiet: #a9b4c2; --line: #333d4a; --control: #77859a;
    --accent: #9dbbff; --accent-text: #0c1730; --focus: #fbbf24;
    --alert: #ffb4ab; --alert-page: #3b1715; --warn: #ffd58a; --warn-page: #33270e;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
body { margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere; }
header, main, footer { width: min(34rem, 100% - 2rem); margin-inline: auto; }
header { padding: 2rem 0 .75rem; font-weight: 650; letter-spacing: .01em; color: var(--quiet); }
main {
  padding: clamp(1.25rem, 5vw, 2.25rem); background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; box-shadow: 0 1px 3px rgb(0 0 0 / .08);
}
footer { padding: 1rem 0 2rem; font-size: .875rem; color: var(--quiet); }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1.0625rem; line-height: 1.3; }
p { margin: .5rem 0; }
a { color: var(--accent); }
form { margin: 1.5rem 0 0; }
form + form { margin-top: .75rem; }
.field { margin: 0 0 1.125rem; }
.field label { display: block; font-weight: 600; }
.hint { display: block; font-size: .875rem; color: var(--quiet); }
.problem { display: block; font-weight: 600; color: var(--alert); }
.field input {
  display: block; width: 100%; min-height: 2.75rem; margin-top: .3rem; padding: .5rem .75rem; font: inherit;
  color: var(--text); background: var(--card); border: 1px solid var(--control); border-radius: .4rem;
}
.field input[aria-invalid] { border: 2px solid var(--alert); }
fieldset { margin: 0 0 1.25rem; padding: 0; border: 0; }
legend { padding: 0; font-weight: 600; }
.choice { display: flex; gap: .75rem; align-items: flex-start; padding: .75rem 0; border-bottom: 1px solid var(--line); }
.choice:last-of-type { border-bottom: 0; }
.choice input { flex: none; width: 1.35rem; height: 1.35rem; margin: .15rem 0 0; accent-color: var(--accent); }
.choice label { font-weight: 600; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }
button {
  flex: 1 1 9rem; min-height: 2.75rem; padding: .55rem 1.25rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--text); background: transparent; border: 1px solid var(--control); border-radius: .4rem;
}
button.main { color: var(--accent-text); background: var(--accent); border-color: var(--accent); }
button.link {
  min-height: 1.75rem; flex: none; padding: 0; font-weight: 400; color: var(--accent); border: 0; text-decoration: underline;
}
button:hover { text-decoration: underline; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.alert, .warning, .note { margin: 1rem 0; padding: .75rem 1rem; border-inline-start: .35rem solid; border-radius: .3rem; }
.alert { color: var(--alert); background: var(--alert-page); }
.alert a { color: inherit; }
.warning { color: var(--warn); background: var(--warn-page); }
.note { color: var(--text); background: var(--page); border-color: var(--accent); }
.alert h2, .warning h2, .note h2 { margin: 0; }
.alert ul { margin: .25rem 0 0; padding-inline-start: 1.25rem; }
dl { margin: 1rem 0; padding: .25rem 1rem; background: var(--page); border-radius: .4rem; }
dl > div { padding: .5rem 0; border-bottom: 1px solid var(--line); }
dl > div:last-child { border-bottom: 0; }
dt { font-size: .875rem; color: var(--quiet); }
dd { margin: 0; font-weight: 600; }
@media (prefers-contrast: more) { :root { --line: currentcolor; --control: currentcolor; } }
@media (forced-colors: active) { button.main { border-width: 3px; } }
@media print { body { background: none; } main { border: 0; box-shadow: none; } }
`;

/** Source expression for style-src. */
export const STYLE_SOURCE = `'sha256-${hash('sha256', STYLE, 'base64')}'`;
