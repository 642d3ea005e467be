/** Starts the app: language, place, device, then the page. */
import { mount } from 'svelte';
import { clock } from './state/clock.svelte';
import { device } from './state/device.svelte';
import { joining } from './state/joining.svelte';
import { place } from './state/route.svelte';
import { shell } from './state/shell.svelte';
import { space } from './state/space.svelte';
import { watch } from './state/watch.svelte';
import App from './ui/App.svelte';
import { fetchAhead } from './ui/pages';
import { speech } from './ui/words.svelte';
import './ui/style/tokens.css';
import './ui/style/base.css';

const target = document.getElementById('app');
if (target === null) throw new Error('the page has no #app');
clock.start();
device.start();
place.start();
shell.start();
space.start();
watch.start();
joining.start();
await speech.start();
mount(App, { target });
fetchAhead();
