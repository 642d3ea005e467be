/** The words of values that are choices. A word that is none of them is shown as it stands: somebody meant it. */
import { CONFIRMATIONS, SERVICE } from '../../domain/generated/schema';
import { t } from '../words.svelte';

function one<T extends string>(choices: readonly T[], word: string): word is T {
  return (choices as readonly string[]).includes(word);
}

/** A value in words; `key` is the field's. */
export function choiceWord(key: string, word: string): string {
  if (key === 'family' && one(SERVICE.family.choices, word)) return t(`family.${word}`);
  if (key === 'format' && one(SERVICE.format.choices, word)) return t(`format.${word}`);
  if (key === 'price' && one(SERVICE.price.choices, word)) return t(`price.${word}`);
  if (key === 'access' && one(SERVICE.access.choices, word)) return t(`access.${word}`);
  if (key === 'how' && one(CONFIRMATIONS, word)) return t(`confirmation.${word}`);
  return word;
}
