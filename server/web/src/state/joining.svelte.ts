/** Coming in by an invitation, and leaving: the two ends of a sign-in on this device. */
import { isOfAnother, shelfFor, type Held } from '../domain/shelves';
import { joinProblem, needsAnotherLink, NAME_CHARS_MAX, tidyName, tokenOf, type JoinProblem } from '../domain/invitation';
import { api, Refused, showToken } from '../sync/api';
import { forget, keep, recall } from '../sync/kept';
import type { Session } from '../sync/messages';
import { askToPersist } from '../sync/space';
import { device } from './device.svelte';

/** A link that could not be used for want of network stays here, should the tab be closed. */
const LINK = 'invitation-link';
/** The device was left without network: the server is still to be told. */
const OWED = 'sign-out-owed';
/** What was left on the device by somebody who signed out and kept it. */
const HELD = 'held';

class Joining {
  busy = $state(false);
  problem = $state<JoinProblem | null>(null);
  /** Who just came in, until they have read what they may do. */
  newcomer = $state.raw<Session | null>(null);
  /** The link of an earlier try without network. */
  earlier = $state('');

  #started: Promise<void> = Promise.resolve();
  /** What others, or whoever is no longer signed in, left on this device. */
  held = $state.raw<readonly Held[]>([]);
  /** Whoever is signed in here, as they would be held if somebody else came. */
  #present = $derived<Held | null>(
    device.session === null
      ? null
      : {
          shelf: device.session.shelf ?? '', name: device.session.displayName, contributor: device.session.contributor, territory: device.session.territory,
          waiting: device.status.waiting,
        },
  );
  /** Everybody who has something on this device. */
  here = $derived<readonly Held[]>(this.#present === null ? this.held : beside(this.held, this.#present.shelf, this.#present));

  /** Reads what was left on this device; once a page. */
  start(): void {
    this.#started = this.#read();
  }
  async #read(): Promise<void> {
    this.held = (await recall<Held[]>(HELD)) ?? [];
    this.earlier = (await recall<string>(LINK)) ?? '';
    if ((await recall<boolean>(OWED)) === true) await this.#pay();
  }

  /** Signs in; whether it succeeded. What went wrong is in `problem`. */
  async join(link: string, name: string): Promise<boolean> {
    const token = tokenOf(link);
    const displayName = tidyName(name);
    this.problem =
      token === '' ? 'no_link' : displayName === '' ? 'no_name' : [...displayName].length > NAME_CHARS_MAX ? 'long_name' : null;
    if (this.problem !== null) return false;
    try {
      await this.enter(() => api.accept(token, displayName));
      return true;
    } catch (error) {
      this.problem = error instanceof Refused ? joinProblem(error.type) : 'no_network';
      this.remember(needsAnotherLink(this.problem) ? '' : token);
      return false;
    }
  }

  /** Opens this device for whoever the server lets in. */
  async enter(ask: () => Promise<Session>): Promise<void> {
    this.busy = true;
    try {
      // In the same gesture as the sign-in, for browsers that ask the person.
      void askToPersist();
      // Whose shelves there are is known, and a sign-out that was owed is not paid by whoever comes in.
      await this.#started;
      const { here } = this;
      const accepted = await ask();
      const shelf = shelfFor(accepted, here);
      const session: Session = shelf === '' ? accepted : { ...accepted, shelf };
      await device.open(session);
      this.newcomer = session;
      this.remember('');
      void keep(OWED, false);
      await this.#hold(beside(here, shelf));
    } finally {
      this.busy = false;
    }
  }

  /** Keeps a link on this device, should the tab be closed before it is used. */
  remember(link: string): void {
    this.earlier = link;
    void keep(LINK, link);
  }

  /** Signs this device out; `erase` forgets everything that it holds. */
  async leave(erase: boolean): Promise<void> {
    const present = this.#present;
    const others = beside(this.held, present?.shelf ?? '');
    await device.leave(erase);
    if (erase) await forget((key) => isOfAnother(key, present?.shelf ?? ''));
    await this.#hold(erase || present === null ? others : [...others, present]);
    await keep(OWED, true);
    showToken(null);
    await this.#pay();
  }

  async #hold(held: readonly Held[]): Promise<void> {
    this.held = held;
    await keep(HELD, held);
  }

  /** Tells the server of a sign-out. Without network it is told the next time. */
  async #pay(): Promise<void> {
    try {
      await api.signOut();
    } catch (error) {
      if (!(error instanceof Refused)) return;
      // The session was over already.
    }
    await keep(OWED, false);
  }
}

/** What lies on every other shelf, and what now lies on this one. */
function beside(held: readonly Held[], shelf: string, present?: Held): readonly Held[] {
  const others = held.filter((each) => each.shelf !== shelf);
  return present === undefined ? others : [...others, present];
}

export const joining = new Joining();
