/** How a record is laid out: what is read, what is offered, what is flagged where. */
import { expect, test } from 'vitest';
import { HELPER, SERVICE, STRUCTURE } from './generated/schema';
import type { Structure } from './record';
import { GROUPS, HELPER_KEYS, laidOut, SERVICE_KEYS, shownField, strayFindings, valueOf } from './sheet';

const place = (over: Partial<Structure> = {}): Structure => ({
  id: 's', fields: { name: 'Mairie' }, services: [], helpers: [],
  confirmed: null, archived: null, validation: null, conflicts: [], findings: [], ...over,
});

test('every field that a person fills stands in one group', () => {
  const written = Object.values(GROUPS).flat().flatMap((key) => (key === 'position' ? ['latitude', 'longitude'] : key === 'commune' ? ['commune', 'commune_name'] : [key]));
  expect(written.sort()).toEqual(Object.keys(STRUCTURE).filter((key) => key !== 'name' && key !== 'created_at').sort());
  expect([...SERVICE_KEYS].sort()).toEqual(Object.keys(SERVICE).filter((key) => key !== 'family' && key !== 'created_at').sort());
  expect([...HELPER_KEYS].sort()).toEqual(Object.keys(HELPER).sort());
});

test('what is filled is read, the rest is offered, in their order', () => {
  const structure = place({ fields: { name: 'Mairie', website: 'https://example.org', phone: ' ', emails: [] } });
  expect(laidOut(structure, '', GROUPS.reach)).toEqual({ read: ['website'], offered: ['phone', 'emails', 'appointment_url'] });
});

test('a flag that says no is filled', () => {
  expect(valueOf(place({ fields: { itinerant: false } }), '', 'itinerant')).toBe(false);
});

test('what is in question is read even when it is empty', () => {
  const structure = place({ conflicts: [{ path: 'phone', values: ['1', '2'] }], findings: [{ path: 'longitude', code: 'unreadable' }] });
  expect(laidOut(structure, '', GROUPS.reach).read).toEqual(['phone']);
  expect(laidOut(structure, '', GROUPS.where).read).toEqual(['position']);
});

test('a commune is known by its code or by its name, a position by both numbers', () => {
  expect(valueOf(place({ fields: { commune_name: 'Gaël' } }), '', 'commune')).toBe('Gaël');
  expect(valueOf(place({ fields: { latitude: 48 } }), '', 'position')).toBeUndefined();
  expect(shownField('', 'commune').fr).toBe('Commune');
});

test('the fields of a service are its own', () => {
  const structure = place({ services: [{ id: 'a', fields: { price: 'free' } }, { id: 'b', fields: {} }] });
  expect(laidOut(structure, 'services/a', SERVICE_KEYS).read).toEqual(['price']);
  expect(laidOut(structure, 'services/b', SERVICE_KEYS).read).toEqual([]);
});

test('a finding that stands beside no field is told apart', () => {
  const findings = [{ path: 'phone', code: 'wrong_type' }, { path: 'colour', code: 'unknown_field' }, { path: '', code: 'not_a_uuid' }];
  expect(strayFindings(place({ findings })).map(({ code }) => code)).toEqual(['unknown_field', 'not_a_uuid']);
});
