/** How wide the page is: the one width at which list and record stand side by side. */
import { MediaQuery } from 'svelte/reactivity';

export const wide = new MediaQuery('(min-width: 60rem)');
