/** The words of the pages of figures: they come with these pages, so that the first one is there soon. */
import { compare } from './compare';
import { portrait } from './portrait';
import { priority } from './priority';
import { progress } from './progress';
import { siting } from './siting';
import { tuning } from './tuning';

export const figures = { ...portrait, ...priority, ...siting, ...progress, ...compare, ...tuning };
