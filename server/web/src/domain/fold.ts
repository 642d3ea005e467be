/** Texts as they are compared: without accents, case and punctuation. Not how they are shown, nor how they are sorted. */

/** `Médiathèque de l’Œuf` → `mediatheque de l oeuf`. */
export function folded(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The words of a text, folded. */
export function wordsOf(text: string): string[] {
  const whole = folded(text);
  return whole === '' ? [] : whole.split(' ');
}

/** The digits of a phone number, as it is dialled in France: `+33 2 99…` and `02 99…` are one. */
export function dialled(phone: string): string {
  const digits = phone.replace(/\D/g, '');
  return digits.replace(/^(?:00)?33(?:0)?(?=\d{9}$)/, '0');
}
