/** Every word that people read, by key: French first, English second. A missing key does not compile. */
import { keep, recall } from '../sync/kept';
import { dates, numbers, plurals, relatives } from './formats';
import { fr, type Catalogue, type Key, type Words } from './words/fr';

export type Language = 'fr' | 'en';

class Speech {
  language = $state<Language>('fr');
  #french: Partial<Catalogue> = fr;
  #catalogue = $state.raw<Partial<Catalogue>>(fr);

  /** Speaks the language that was chosen here, else the browser's; once a page. */
  async start(): Promise<void> {
    const chosen = await recall<Language>('language');
    await this.speak(chosen ?? (navigator.language.startsWith('en') ? 'en' : 'fr'), false);
  }

  async speak(language: Language, choose = true): Promise<void> {
    // Before it shows: whoever leaves the page at once finds it kept.
    if (choose) await keep('language', language);
    this.#catalogue = language === 'en' ? (await import('./words/en')).en : this.#french;
    this.language = language;
    document.documentElement.lang = language;
  }

  /** Learns the words of the pages of figures, before one of them is shown. */
  async learnFigures(): Promise<void> {
    this.#learn((await import('./words/fr/figures')).figures);
  }
  /** Learns the words of signing in with a provider. */
  async learnProvider(): Promise<void> {
    this.#learn((await import('./words/fr/provider')).provider);
  }
  /** Learns the words of what is rarely done, before a page that offers it is shown. */
  async learnOffice(): Promise<void> {
    this.#learn((await import('./words/fr/office')).office);
  }

  #learn(words: Partial<Catalogue>): void {
    this.#french = { ...this.#french, ...words };
    if (this.language === 'fr') this.#catalogue = this.#french;
  }

  say(key: Key, values: Record<string, string | number> = {}): string {
    const words: Words = this.#catalogue[key] ?? '';
    const n = Number(values['n'] ?? 0);
    const text =
      typeof words === 'string' ? words : words[plurals(this.language, {}).select(n) === 'one' ? 'one' : 'other'];
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      return typeof value === 'number' ? this.number(value) : value;
    });
  }

  number(value: number, digits = 0): string {
    return numbers(this.language, { maximumFractionDigits: digits }).format(value);
  }
  percent(share: number): string {
    return numbers(this.language, { style: 'percent', maximumFractionDigits: 0 }).format(share);
  }
  date(ms: number): string {
    return dates(this.language, { dateStyle: 'long' }).format(ms);
  }
  moment(ms: number): string {
    return dates(this.language, { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
  }
  /** "mardi" when it is within a week of `now`, else "3 mars". */
  day(ms: number, now: number): string {
    return dates(this.language, ms - now > 7 * 86_400_000 ? { day: 'numeric', month: 'long' } : { weekday: 'long' }).format(ms);
  }
  /** "il y a 3 jours"; `now` is handed in so that lists agree. */
  ago(ms: number, now: number): string {
    const seconds = Math.round((ms - now) / 1000);
    const relative = relatives(this.language, { numeric: 'auto' });
    for (const [unit, size] of UNITS) {
      if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
    }
    return this.say('time.now');
  }
  /** A text that came in both languages. */
  either(words: { fr: string; en: string }): string {
    return this.language === 'en' ? words.en : words.fr;
  }
  list(words: string[]): string {
    return new Intl.ListFormat(this.language, { type: 'conjunction' }).format(words);
  }
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600], ['month', 2_629_800], ['day', 86_400], ['hour', 3_600], ['minute', 60],
];

export const speech = new Speech();
/** The words under a key, in the language that is spoken. */
export const t = (key: Key, values: Record<string, string | number> = {}): string => speech.say(key, values);
