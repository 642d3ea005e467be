/** The catalogue, by place. */
import { add } from './en/add';
import { common } from './en/common';
import { compare } from './en/compare';
import { desk } from './en/desk';
import { device } from './en/device';
import { directory } from './en/directory';
import { held } from './en/held';
import { history } from './en/history';
import { hours } from './en/hours';
import { map } from './en/map';
import { office } from './en/office';
import { people } from './en/people';
import { portrait } from './en/portrait';
import { priority } from './en/priority';
import { progress } from './en/progress';
import { provider } from './en/provider';
import { record } from './en/record';
import { siting } from './en/siting';
import { tuning } from './en/tuning';
import { welcome } from './en/welcome';
import type { Catalogue } from './fr';

export const en: Catalogue = { ...common, ...welcome, ...directory, ...record, ...history, ...hours, ...add, ...map, ...portrait, ...priority, ...siting, ...tuning, ...progress, ...compare, ...desk, ...people, ...held, ...device, ...office, ...provider };
