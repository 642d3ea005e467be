/** What somebody wants to see of the directory, and how it stands in the address. */
import { FAMILIES, type Family } from './generated/schema';

export interface Filters {
  text: string;
  /** Any of them; none of them means all. */
  families: readonly Family[];
  /** An INSEE code; empty means everywhere. */
  commune: string;
  /** Open at this moment. */
  open: boolean;
  /** To be checked again. */
  check: boolean;
}

export const NO_FILTERS: Filters = { text: '', families: [], commune: '', open: false, check: false };

/** A part of the filters that can be lifted by itself. */
export type FilterPart = keyof Filters;

/** The parts that narrow, in the order of the sentence. */
export function narrowing(filters: Filters): FilterPart[] {
  const parts: FilterPart[] = [];
  if (filters.text.trim() !== '') parts.push('text');
  if (filters.families.length > 0) parts.push('families');
  if (filters.commune !== '') parts.push('commune');
  if (filters.open) parts.push('open');
  if (filters.check) parts.push('check');
  return parts;
}

/** The same without one part. */
export function without(filters: Filters, part: FilterPart): Filters {
  return { ...filters, [part]: NO_FILTERS[part] };
}

/** With a family in or out; in the families' own order. */
export function withFamilyChosen(filters: Filters, family: Family, chosen: boolean): Filters {
  return { ...filters, families: FAMILIES.filter((one) => (one === family ? chosen : filters.families.includes(one))) };
}

/** The query of an address, without `?`; empty when nothing narrows. */
export function toQuery(filters: Filters): string {
  const query = new URLSearchParams();
  if (filters.text.trim() !== '') query.set('q', filters.text.trim());
  if (filters.families.length > 0) query.set('aide', filters.families.join(' '));
  if (filters.commune !== '') query.set('commune', filters.commune);
  if (filters.open) query.set('ouvert', '1');
  if (filters.check) query.set('a-verifier', '1');
  return query.toString();
}

/** The filters of a query; what it does not know is left out. */
export function fromQuery(search: string): Filters {
  const query = new URLSearchParams(search);
  const wanted = (query.get('aide') ?? '').split(/[\s,]+/);
  return {
    text: query.get('q') ?? '',
    families: FAMILIES.filter((family) => wanted.includes(family)),
    commune: query.get('commune') ?? '',
    open: query.get('ouvert') === '1',
    check: query.get('a-verifier') === '1',
  };
}
