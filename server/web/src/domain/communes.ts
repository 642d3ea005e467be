/** Finding a commune by the letters that somebody types: accents, hyphens and « St » do not matter. */
import { folded } from './fold';

export interface NamedCommune {
  code: string;
  name: string;
}

/** Names as they are compared: `St-Méen` and `saint meen` are one. */
function compared(name: string): string {
  return folded(name).replace(/\bste?\b/g, (short) => (short === 'st' ? 'saint' : 'sainte'));
}

/** The communes that the letters may mean, the likeliest first; all of them when there are no letters. */
export function communesFor<C extends NamedCommune>(letters: string, communes: readonly C[]): C[] {
  const wanted = compared(letters);
  const ranked = communes.flatMap((commune) => {
    const name = compared(commune.name);
    const rank =
      name.startsWith(wanted) ? 0
      : ` ${name}`.includes(` ${wanted}`) ? 1
      : wanted !== '' && commune.code.startsWith(letters.trim()) ? 2
      : -1;
    return rank < 0 ? [] : [{ commune, rank }];
  });
  return ranked
    .sort((a, b) => a.rank - b.rank || a.commune.name.localeCompare(b.commune.name, 'fr'))
    .map(({ commune }) => commune);
}

/** The commune that the letters name without doubt. */
export function communeNamed<C extends NamedCommune>(letters: string, communes: readonly C[]): C | null {
  const wanted = compared(letters);
  return communes.find((commune) => wanted !== '' && compared(commune.name) === wanted) ?? null;
}
