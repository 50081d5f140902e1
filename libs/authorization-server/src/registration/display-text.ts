/**
 * A client's own words as they may stand on a consent page. What cannot be seen, or changes how its neighbours are seen,
 * is taken out: control and format characters (a right-to-left override turns "evil.example" around), letters without a
 * picture (a name of Hangul fillers would be no name at all), private-use and unassigned code points, line ends, towers of
 * accents. Compatibility forms are folded, so that a name cannot differ
 * from a known one in width alone. Undefined when nothing is left.
 */
export function displayText(text: string): string | undefined {
  const shown = text
    .toWellFormed()
    .normalize('NFKC')
    .replace(/[\p{Zs}\p{Zl}\p{Zp}\t\r\n]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800\uFFFD]/gu, '')
    .normalize('NFKC')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1')
    .replace(/ {2,}/g, ' ')
    .trim();
  return shown === '' ? undefined : shown;
}
