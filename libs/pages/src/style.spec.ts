import { describe, expect, it } from '@jest/globals';
import { STYLE } from './style.js';

/** WCAG 2.2 relative luminance. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function palette(css: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...css.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

const [light = '', dark = ''] = [...STYLE.matchAll(/:root \{([^}]*--page[^}]*)\}/g)].map(([, block]) => block);

describe.each([
  ['light', palette(light)],
  ['dark', palette(dark)],
])('the %s scheme', (_, colours) => {
  it.each([
    ['text', 'card'],
    ['text', 'page'],
    ['quiet', 'card'],
    ['quiet', 'page'],
    ['accent', 'card'],
    ['accent-text', 'accent'],
    ['alert', 'card'],
    ['alert', 'alert-page'],
    ['warn', 'warn-page'],
  ])('lets %s be read on %s', (text, background) => {
    expect(contrast(colours[text]!, colours[background]!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ['control', 'card'],
    ['focus', 'card'],
    ['accent', 'card'],
  ])('lets the edge of a %s be seen on %s', (edge, background) => {
    expect(contrast(colours[edge]!, colours[background]!)).toBeGreaterThanOrEqual(3);
  });
});

describe('the stylesheet', () => {
  it('cannot end its element and asks for nothing', () => {
    expect(STYLE).not.toMatch(/<|url\(|@import|expression/);
  });
});
