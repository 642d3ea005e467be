/** Changes that the server set aside: which concern this device, what is said of each, and who may decide. */
import type { Held, HeldEdit, Reason } from './generated/wire';

/** How many changes of a list wait for a référent·e. */
export function waitingOf(held: readonly Held[]): Held[] {
  return held.filter(({ state }) => state === 'waiting');
}

/** What a list shows: first what waits, the latest first; then what was decided. What the server carried over needs nobody. */
export function inOrder(held: readonly Held[]): Held[] {
  const rank = ({ state }: Held): number => (state === 'waiting' ? 0 : 1);
  return held
    .filter(({ state }) => state !== 'carried')
    .sort((a, b) => rank(a) - rank(b) || b.at.localeCompare(a.at) || a.id.localeCompare(b.id));
}

const REASONS: Record<Reason, true> = {
  'foreign-actor': true, 'foreign-author': true, 'needs-referent': true, 'needs-contributor': true,
  'removes-record': true, 'replaces-record': true, outside: true, 'builds-on-refused': true,
};

/** Whether this app has words for a reason: a newer server may know more of them. */
export function isReason(reason: string): reason is Reason {
  return reason in REASONS;
}

/** The edits of one structure, in the order of the change. */
export interface About {
  structure: string | null;
  name: string;
  edits: HeldEdit[];
}

/** Marks that are written in several fields and told as one thing, by who made them or why. */
const MARKS = ['validation', 'archived', 'confirmed'];

/** What a change would do, structure by structure; each path once, with what it would have in the end. */
export function aboutOf({ edits }: Pick<Held, 'edits'>): About[] {
  const found = new Map<string, About>();
  for (const edit of edits) {
    const key = edit.structure ?? '';
    const about = found.get(key) ?? { structure: edit.structure ?? null, name: edit.name ?? '', edits: [] };
    about.name ||= edit.name ?? '';
    found.set(key, about);
    // A container that is made on the way says nothing to people.
    const { edits: known } = about;
    if (edit.act === 'create' && edit.value === null && known.length > 0) continue;
    const [mark = '', field] = edit.path.split('/');
    if (!MARKS.includes(mark)) {
      about.edits = [...known.filter(({ path }) => path !== edit.path), edit];
      continue;
    }
    const before = known.find(({ path }) => path === mark);
    const value = field === 'why' || (field === 'by' && (before?.value ?? null) === null) ? edit.value : (before?.value ?? null);
    about.edits = [...known.filter(({ path }) => path !== mark), { ...edit, path: mark, value }];
  }
  return [...found.values()];
}

/** A person of whom several changes wait, and how many. */
export interface Several {
  contributor: string;
  name: string;
  n: number;
}

/** The people of whom several of these changes are, those of most first. */
export function severalOf(waiting: readonly Held[]): Several[] {
  const by = new Map<string, Several>();
  for (const { contributor, name } of waiting) {
    const known = by.get(contributor);
    by.set(contributor, { contributor, name, n: (known?.n ?? 0) + 1 });
  }
  return [...by.values()].filter(({ n }) => n > 1).sort((a, b) => b.n - a.n || a.name.localeCompare(b.name, 'fr'));
}
