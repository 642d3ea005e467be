/** The catalogue, by place; some words stand apart: [figures](./fr/figures.ts), [office](./fr/office.ts), [provider](./fr/provider.ts). */
import { add } from './fr/add';
import { common } from './fr/common';
import { desk } from './fr/desk';
import { device } from './fr/device';
import { directory } from './fr/directory';
import type { figures } from './fr/figures';
import type { office } from './fr/office';
import { held } from './fr/held';
import { history } from './fr/history';
import { hours } from './fr/hours';
import { map } from './fr/map';
import { people } from './fr/people';
import type { provider } from './fr/provider';
import { record } from './fr/record';
import { welcome } from './fr/welcome';

export const fr = { ...common, ...welcome, ...directory, ...record, ...history, ...hours, ...add, ...map, ...desk, ...people, ...held, ...device };

export type Key = keyof typeof fr | keyof typeof figures | keyof typeof office | keyof typeof provider;
/** One sentence, or one for each number: `{n}` is replaced. */
export type Words = string | { one: string; other: string };
/** What every language has: the same keys. */
export type Catalogue = Record<Key, Words>;
