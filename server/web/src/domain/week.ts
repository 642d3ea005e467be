/** Days and weeks, by a calendar date: which day of the week it is, and which week of the year (ISO 8601). */

const DAY_MS = 86_400_000;

/** 0 is Monday. */
export function weekdayOf(date: Date): number {
  return (date.getDay() + 6) % 7;
}

/** The week of the year, from 1 to 53: the week that holds the year's first Thursday is the first. */
export function weekOf(date: Date): number {
  const day = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const thursday = new Date(day + (3 - weekdayOf(date)) * DAY_MS);
  return Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / DAY_MS / 7) + 1;
}

/** Whether a rhythm has this week. */
export function isOn(rhythm: 'every' | 'odd' | 'even', date: Date): boolean {
  return rhythm === 'every' || (weekOf(date) % 2 === 1) === (rhythm === 'odd');
}
