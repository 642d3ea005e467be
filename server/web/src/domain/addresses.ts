/** Mail addresses as somebody types or pastes them: one on each line, or with commas between. */
import { mailOf } from './contact';

/** As many letters as the server sends in one go. */
export const LETTERS_MAX = 20;

export interface Addresses {
  /** Each address once, in the order typed. */
  good: string[];
  /** What is no address, as it was typed. */
  bad: string[];
}

export function addressesOf(typed: string): Addresses {
  const words = [...new Set(typed.split(/[\s,;]+/).filter((word) => word !== ''))];
  const sound = (word: string): boolean => mailOf(word) !== null;
  return { good: words.filter(sound), bad: words.filter((word) => !sound(word)) };
}
