/**
 * docs/spec-index.md, made from the `@spec` lines of the code: which section of which document is kept where. `--write`
 * writes it; without, the check fails when it is not current, or when a line cannot be read.
 *
 * A line reads `@spec RFC 8414 §2, §3.2; MCP authorization, Token Requirements`; a remark may follow in parentheses.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE } from '../build/bundle.ts';
import { generatedDocument } from './generated-document.ts';

const DOCUMENT =
  /^(RFC \d+|OAuth 2\.1|(?:[A-Z][A-Za-z ]* via )?OpenID Connect [A-Z\d][A-Za-z\d. -]*?|OpenAPI [\d.]+|SAML 2\.0 [A-Z][a-z]+|WebAuthn Level \d|MCP [\w -]+?|Fetch|HTML|CSP\d?|draft-[\w-]+)(?=\s*(?:§|,|$))/;
const INTRODUCTION = `# Where each section is kept

<!-- Made by tools/checks/spec-index.check.ts from the @spec lines of the code. Do not edit. -->

Documents that the code cites, section by section, and the files that cite them. What each requirement means for the
product, and which tests hold it, stands in [tools/checks/requirements.ts](../tools/checks/requirements.ts).
`;

const index = new Map<string, Map<string, Set<string>>>();
const problems: string[] = [];

for (const file of globSync('{apps,libs,tools}/**/*.{ts,tsx}', {
  cwd: WORKSPACE,
  exclude: ['**/node_modules/**'],
}).sort()) {
  if (file.startsWith('tools/checks/')) continue;
  for (const [, line = ''] of readFileSync(join(WORKSPACE, file), 'utf8').matchAll(/(?:\*|\/\/).*?@spec (.*)/g)) {
    const citations = line.replace(/\s*\*\/.*$/, '').split(/;\s*/);
    for (const [position, citation] of citations.entries()) {
      const document = DOCUMENT.exec(citation)?.[1];
      if (document === undefined) {
        // Words may follow the last citation; a section sign in them means that one was meant.
        if (position === 0 || citation.includes('§')) problems.push(`${file}: cannot read "@spec ${citation}"`);
        continue;
      }
      for (const section of sectionsOf(citation.slice(document.length))) enter(document, section, file);
    }
  }
}

/** `§2, §3.2 (remark)` are two sections, `, Token Requirements` is one. */
function sectionsOf(text: string): readonly string[] {
  const plain = text
    .replace(/\s*\(.*$/, '')
    .replace(/^\s*,?\s*/, '')
    .trim();
  if (plain === '') return ['(whole)'];
  return plain.startsWith('§') ? (plain.match(/§[\w.]*\w/g) ?? []) : [plain];
}

function enter(document: string, section: string, file: string): void {
  const sections = index.get(document) ?? new Map<string, Set<string>>();
  index.set(document, sections.set(section, (sections.get(section) ?? new Set()).add(file)));
}

const inOrder = new Intl.Collator('en', { numeric: true }).compare;
const parts = [...index]
  .sort(([a], [b]) => inOrder(a, b))
  .map(([document, sections]) => {
    const lines = [...sections]
      .sort(([a], [b]) => inOrder(a, b))
      .map(([section, files]) => `- ${section}: ${[...files].map((file) => `[${file}](../${file})`).join(', ')}`);
    return `## ${document}\n\n${lines.join('\n')}\n`;
  });

for (const problem of problems) console.error(problem);
const count = [...index.values()].reduce((total, sections) => total + sections.size, 0);
await generatedDocument(
  'docs/spec-index.md',
  [INTRODUCTION, ...parts].join('\n'),
  `${count} sections of ${index.size} documents`,
);
if (problems.length > 0) process.exitCode = 1;
