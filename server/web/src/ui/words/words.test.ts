/** The catalogues: complete, used, and spaced as French printers do. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { en } from './en';
import { fr } from './fr';
import { figures } from './fr/figures';
import { office } from './fr/office';
import { provider } from './fr/provider';

type Words = string | { one: string; other: string };
const french: [string, Words][] = Object.entries({ ...fr, ...figures, ...office, ...provider });
const english: [string, Words][] = Object.entries(en);
const sentences = (words: Words): string[] => (typeof words === 'string' ? [words] : [words.one, words.other]);

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'words' ? [] : sources(path);
    return /\.(svelte|ts)$/.test(name) && !name.includes('.test.') ? [readFileSync(path, 'utf8')] : [];
  });
}
const code = sources('src').join('\n');

describe('the catalogues', () => {
  test('say the same things in both languages, with the same blanks to fill', () => {
    expect(english.map(([key]) => key).sort()).toEqual(french.map(([key]) => key).sort());
    const blanks = (words: Words): string[] => [...new Set(sentences(words).join(' ').match(/\{\w+\}/g) ?? [])].sort();
    const inEnglish = new Map(english);
    const differing = french.filter(([key, words]) => {
      const other = inEnglish.get(key);
      return other === undefined || blanks(words).join() !== blanks(other).join();
    });
    expect(differing.map(([key]) => key)).toEqual([]);
  });

  test('hold no key that nobody says', () => {
    // A key is said as a literal, or by its beginning in a template: `family.${family}`.
    const literals = new Set(code.match(/'[a-z_]+(\.[a-z0-9_]+)+'/gi)?.map((found) => found.slice(1, -1)) ?? []);
    const beginnings = [...code.matchAll(/`([a-z_]+(?:\.[a-z0-9_]+)*[._])\$\{/gi)].map((found) => found[1] ?? '');
    const unsaid = french.filter(([key]) => !literals.has(key) && !beginnings.some((start) => key.startsWith(start)));
    expect(unsaid.map(([key]) => key)).toEqual([]);
  });

  test('are spaced as French is: a narrow space that does not break before : ; ! ? and inside « »', () => {
    const wrong = french.filter(([, words]) =>
      sentences(words).some((sentence) =>
        /[^\u202F][;!?»]|«[^\u202F]|[^\u202F\d/p]:(?=\s|$)|'|\.\.\.|\s$|^\s/.test(sentence.replace(/https?:\/\/\S+/g, '')),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test('speak plainly: none of our own jargon', () => {
    const jargon = /\b(sync\w*|CRDT|merge\w*|payload|JSON|automerge|token|cache|null|undefined)\b/i;
    const spoken = [...french, ...english].filter(([, words]) => sentences(words).some((sentence) => jargon.test(sentence)));
    expect(spoken).toEqual([]);
  });
});
