/** The colours: every pair that words stand in is read without effort, by day and by night (WCAG 1.4.3, 1.4.11). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync('src/ui/style/tokens.css', 'utf8');
const [day = '', night = ''] = css.split('@media (prefers-color-scheme: dark)');
const colours = (part: string): Map<string, string> =>
  new Map([...part.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((found) => [found[1] ?? '', found[2] ?? '']));

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['paper', 'surface', 'sunk'];
const inks = ['ink', 'ink-quiet', 'blue', 'good', 'attention', 'wrong', 'inform', 'equip', 'assist', 'train', 'repair'];
const text: [string, string][] = [
  ...inks.flatMap((ink) => grounds.map((ground): [string, string] => [ink, ground])),
  ['on-blue', 'blue'],
  ['blue', 'blue-soft'],
  ['ink', 'blue-soft'],
  ['good', 'good-soft'],
  ['attention', 'attention-soft'],
  ['wrong', 'wrong-soft'],
  ['ink', 'attention-soft'],
  ['ink', 'wrong-soft'],
  ['ink', 'good-soft'],
];
// Bounds of controls, and the ring of the focus against its own inner ring.
const lines: [string, string][] = [
  ...grounds.map((ground): [string, string] => ['line-strong', ground]),
  ['focus', 'ink'],
];

describe.each([['by day', colours(day)], ['by night', new Map([...colours(day), ...colours(night)])]])('%s', (when, palette) => {
  const of = (name: string): string => palette.get(name) ?? expect.fail(`no colour ${name}`);
  test.each(text)('%s on %s can be read', (ink, ground) => {
    expect(contrast(of(ink), of(ground))).toBeGreaterThanOrEqual(4.5);
  });
  test.each(lines)('%s shows against %s', (line, ground) => {
    // By night the ring stands on the dark page itself, where its yellow shows best.
    const against = when === 'by night' && line === 'focus' ? 'paper' : ground;
    expect(contrast(of(line), of(against))).toBeGreaterThanOrEqual(3);
  });
});
