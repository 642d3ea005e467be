/** How figures are written: rounded, with their unit, and in words where they are missing. */
import type { CommunePortrait, Interval, TerritoryPortrait } from '../../domain/generated/portrait';
import { boundOf, figureOf, shown, unitOfIndicator, type Indicator, type Unit } from '../../domain/indicators';
import { rounded, roundedShare, told } from '../../domain/rounding';
import { speech, t } from '../words.svelte';

export const missing = (): string => t('portrait.missing');

export function people(value: number | null): string {
  return value === null ? missing() : speech.number(rounded(value));
}

/** A share in percents: nearly all is not all. */
export function share(value: number | null): string {
  if (value === null) return missing();
  const { percent, bound } = roundedShare(value);
  const written = speech.percent(percent / 100);
  if (bound === 'about') return written;
  return bound === 'above' ? t('portrait.above', { share: written }) : t('portrait.below', { share: written });
}

export function hours(value: number): string {
  return speech.number(value, 1);
}

/** How many names of communes are read in a sentence. */
const NAMES_MOST = 12;

/** Names in a sentence: all of them, or the first and how many more there are. */
export function named(names: readonly string[]): string {
  if (names.length <= NAMES_MOST + 1) return speech.list([...names]);
  return t('portrait.and_others', { names: names.slice(0, NAMES_MOST).join(', '), n: names.length - NAMES_MOST });
}

/** A figure that was rounded already, with its unit. */
export function write(value: number, unit: Unit): string {
  if (unit === 'share') return share(value);
  if (unit === 'hours') return t('portrait.cell_hours', { hours: hours(value) });
  return speech.number(value);
}

/** An interval in a cell: « 560 (entre 390 et 610) ». */
export function interval(of: Interval): string {
  const found = told(of);
  const number = (value: number): string => speech.number(value);
  switch (found.kind) {
    case 'interval':
      return t('portrait.cell_interval', { n: number(found.estimate), low: number(found.low), high: number(found.high) });
    case 'bounds':
      return t('portrait.cell_between', { low: number(found.low), high: number(found.high) });
    case 'about':
      return number(found.estimate);
    case 'least':
      return t('portrait.cell_least', { value: number(found.low) });
    case 'missing':
      return missing();
  }
}

/** What is said of a commune: its figure with its interval, or whether it is the least or the most. */
export function cell(commune: CommunePortrait, indicator: Indicator, territory: Pick<TerritoryPortrait, 'offer'>): string {
  if (indicator === 'vulnerability') return interval(commune.need.vulnerability);
  const figure = figureOf(commune, indicator);
  if (figure === null) return missing();
  const unit = unitOfIndicator(indicator);
  const value = write(shown(figure, unit), unit);
  switch (boundOf(commune, indicator, territory)) {
    case 'least':
      return t('portrait.cell_least', { value });
    case 'most':
      return t('portrait.cell_most', { value });
    case 'exact':
      return value;
  }
}

/** Figures that say where they come from. */
interface Sourced {
  sources: readonly string[];
  invented: boolean;
}

/** The mark of figures that were made up, as files bear it; it is said in words of ours. */
const MARK = /^invented(?: \d{4}(?:, \d{4})*)?$/i;

function listed({ sources, invented }: Sourced): string {
  const published = sources.filter((source) => !MARK.test(source));
  return [...new Set(published), ...(invented ? [t('portrait.source_invented')] : [])].join(' · ');
}

/** Where the statistics come from. */
export function sourceOf(figures: Sourced): string {
  const sources = listed(figures);
  return sources === '' ? t('portrait.source_none') : t('portrait.source', { sources });
}

/** The same, where the offer is set against the statistics. */
export function sourceOfBoth(figures: Sourced): string {
  const sources = listed(figures);
  return sources === '' ? t('portrait.source_offer') : t('portrait.source_both', { sources });
}
