/** What a field is called in the language that is spoken. */
import { shownField } from '../../domain/sheet';
import type { EditErrorCode } from '../../domain/edit';
import type { FindingCode } from '../../domain/generated/schema';
import { speech, t } from '../words.svelte';

export function labelOf(place: string, key: string): string {
  return key === 'position' ? t('field.position') : shownField(place, key)[speech.language];
}

/** Why something typed is not saved, in three parts. */
export function problemWords(code: EditErrorCode | 'failed'): string {
  return t(`edit.${code}`);
}

const FINDINGS: Record<FindingCode, true> = {
  wrong_type: true, unreadable: true, unknown_word: true, unknown_field: true,
  not_a_uuid: true, no_name: true, commune_elsewhere: true, position_odd: true,
};

/** What looks wrong, in words; a newer version may know more of it than this one. */
export function findingWords(code: string): string {
  return code in FINDINGS ? t(`finding.${code as FindingCode}`) : t('finding.other');
}

/** The id of what opens a field: its « Modifier », or its chip while it is not filled. */
export function editId(place: string, key: string): string {
  return `edit-${place === '' ? key : `${place.replace('/', '-')}-${key}`}`;
}
