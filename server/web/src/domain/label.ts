/** What a path inside a structure is called. The labels are the schema's; parts without a field have words of their own. */
import { CONFIRMED, HELPER, SERVICE, STRUCTURE, type Field } from './generated/schema';

/** Whose field it is: a word under `part.` in the catalogues. */
export type Part = 'structure' | 'service' | 'helper' | 'confirmed' | 'archived' | 'validation';

export interface PathName {
  part: Part;
  /** The field, where the path names one that the schema knows. */
  field: Field | null;
}

export function nameOfPath(path: string): PathName {
  const [first = '', , third] = path.split('/');
  const of = (part: Part, fields: Record<string, Field>, key: string | undefined): PathName => ({
    part,
    field: key === undefined ? null : (fields[key] ?? null),
  });
  switch (first) {
    case 'services':
      return of('service', SERVICE, third);
    case 'helpers':
      return of('helper', HELPER, third);
    case 'confirmed':
      return of('confirmed', CONFIRMED, undefined);
    case 'archived':
    case 'validation':
      return { part: first, field: null };
    default:
      return of('structure', STRUCTURE, first === '' ? undefined : first);
  }
}

/** The paths' names, each once, in the order they first come. */
export function namesOfPaths(paths: string[]): PathName[] {
  const seen = new Map<string, PathName>();
  for (const path of paths) {
    const name = nameOfPath(path);
    const key = `${name.part}/${name.field?.en ?? ''}`;
    if (!seen.has(key)) seen.set(key, name);
  }
  return [...seen.values()];
}
