/** The families of help, as anything may stand in their place in a document. */
import { FAMILIES, type Family } from './generated/schema';

export function isFamily(word: string | undefined): word is Family {
  return (FAMILIES as readonly (string | undefined)[]).includes(word);
}
