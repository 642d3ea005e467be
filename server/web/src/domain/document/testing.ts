/** What the tests of this folder share: automerge ready, and documents to read and write. Not part of the app. */
import * as automerge from '@automerge/automerge/slim';
import type { Doc } from '@automerge/automerge/slim';
import { automergeWasmBase64 } from '@automerge/automerge/automerge.wasm.base64';
import type { Edit } from '../edit';
import type { Backend } from './value';
import { perform } from './write';

export const NOW = new Date('2026-05-12T08:00:00Z');

/** An id that can be told from others. */
export const uuid = (n: number): string => `01917f3e-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

export async function start(): Promise<void> {
  await automerge.initializeBase64Wasm(automergeWasmBase64);
}

/** A document as tests handle it; automerge's own type forbids writing to what is unknown. */
export type Document = Doc<Record<string, unknown>>;

/** A territory's document as the server makes it, and nobody else. */
export function territory(actor = 'aa'): Document {
  return automerge.change(automerge.init<Record<string, unknown>>({ actor }), { time: 0 }, (draft) => {
    const backend = automerge.getBackend(draft);
    backend.put('_root', 'schema', 1, 'int');
    for (const root of ['structures', 'territory', 'settings']) backend.putObject('_root', root, {});
  });
}

/** Performs edits as the device does. They must be one change: automerge commits early when it is asked to show maps. */
export function wrote(doc: Document, edits: Edit[], now = NOW): Document {
  const heads = automerge.getHeads(doc);
  const time = Math.floor(now.getTime() / 1000);
  const after = automerge.change(doc, { time }, (draft) => perform(draft, edits, now));
  const changes = automerge.getChangesMetaSince(after, heads);
  if (changes.length > 1 || changes.some((change) => change.time !== time)) throw new Error('more than one change');
  return after;
}

/** Whether performing edits writes anything; the document with them. */
export function writes(doc: Document, edits: Edit[]): [Document, boolean] {
  const before = automerge.getHeads(doc).join();
  const after = wrote(doc, edits);
  return [after, automerge.getHeads(after).join() !== before];
}

/** A document with a structure, one service, and one person who helps. */
export function furnished(actor = 'aa'): Document {
  return wrote(territory(actor), [
    { kind: 'add_structure', id: uuid(1), name: 'Médiathèque' },
    { kind: 'add_service', structure: uuid(1), id: uuid(2), family: 'assist' },
    { kind: 'add_helper', structure: uuid(1), id: uuid(3), name: 'Amina' },
  ]);
}

/** A copy for somebody else. */
export function replica(doc: Document, actor: string): Document {
  return automerge.clone(doc, { actor });
}

/** Writes as another client may: anything, anywhere inside one structure. */
export function raw(doc: Document, write: (backend: Backend, structure: string) => void): Document {
  return automerge.change(doc, { time: 0 }, (draft) => {
    const backend = automerge.getBackend(draft);
    const [root = ''] = ids(backend, '_root', 'structures');
    write(backend, ids(backend, root, uuid(1))[0] ?? '');
  });
}

/** The ids of the objects at a key, the winner first. */
export function ids(backend: Backend, object: string, key: string): string[] {
  return backend.getAll(object, key).map(([, value, id]) => String(id ?? value)).reverse();
}

/** `n` structures with 25 filled values each, as an import makes them. */
export function large(n: number): Document {
  let doc = territory('ee');
  for (let from = 0; from < n; from += 100) {
    doc = automerge.change(doc, { time: 1_700_000_000 }, (draft) => {
      const { structures } = draft as { structures: Record<string, unknown> };
      for (let i = from; i < Math.min(n, from + 100); i++) structures[uuid(i + 1)] = structure(i);
    });
  }
  return doc;
}

function structure(i: number): Record<string, unknown> {
  const text = (value: string): automerge.ImmutableString => new automerge.ImmutableString(value);
  const fields: Record<string, unknown> = { latitude: 48.2, longitude: -2.01, services: {}, helpers: {} };
  for (const key of ['name', 'kind', 'siret', 'address', 'postcode', 'commune', 'commune_name', 'phone', 'website']) {
    fields[key] = text(`${key} ${i}`);
  }
  fields['opening_hours'] = text('Mo-Fr 09:00-12:00,14:00-17:00');
  fields['created_at'] = text('2026-05-12T08:00:00Z');
  fields['itinerant'] = false;
  fields['description'] = 'Un lieu où l’on aide à faire ses démarches en ligne.';
  fields['emails'] = { [`lieu${i}@example.org`]: true };
  fields['labels'] = { 'France services': true };
  fields['services'] = { [uuid(100_000 + i)]: { family: text('assist'), price: text('free'), topics: { caf: true } } };
  fields['confirmed'] = { at: text('2026-05-12T08:00:00Z'), by: text('Amina'), how: text('call') };
  return fields;
}
