/** How a figure is known, in words: « compté », « estimé » and by which formula, « en partie » for a territory. */
import type { CommunePortrait, Known, Portrait, TerritoryPortrait } from '../../domain/generated/portrait';
import { speech, t } from '../words.svelte';

export type Graded = 'fragility' | 'exposure' | 'vulnerability';

/** The dimensions that an indicator is made of, by their keys. */
const MADE_OF: Record<Graded, readonly string[]> = {
  fragility: ['aged_65_or_over', 'aged_15_or_over', 'no_diploma'],
  exposure: ['minimum_benefits', 'job_seekers'],
  vulnerability: [],
};

/** What is said beside a figure; "" where it is counted everywhere, or missing, which is said in its place. */
export function gradeOf(subject: TerritoryPortrait | CommunePortrait, indicator: Graded, portrait: Portrait): string {
  return isCommune(subject) ? ofCommune(subject, indicator, portrait) : ofTerritory(subject.grades[indicator]);
}

function isCommune(subject: TerritoryPortrait | CommunePortrait): subject is CommunePortrait {
  return 'name' in subject;
}

function ofCommune(commune: CommunePortrait, indicator: Graded, portrait: Portrait): string {
  if (commune.grades[indicator] !== 'estimated') return '';
  const why = MADE_OF[indicator].flatMap((key) => {
    const mark = commune.grades.dimensions[key];
    const dimension = portrait.dimensions.find((other) => other.key === key);
    if (mark?.grade !== 'estimated' || mark.formula === null || dimension === undefined) return [];
    const formula = dimension.formulas[mark.formula];
    return formula === undefined ? [] : [`${speech.either(dimension.words)} (${speech.either(formula)})`];
  });
  return why.length === 0 ? t('portrait.estimated') : t('portrait.estimated_by', { why: why.join(' · ') });
}

function ofTerritory(known: Known): string {
  if (known.estimatedCommunes === 0) return '';
  const all = known.countedCommunes + known.estimatedCommunes;
  return t('portrait.estimated_in', { n: known.estimatedCommunes, all });
}
