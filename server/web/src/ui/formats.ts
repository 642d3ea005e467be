/** The browser's own formatters of numbers and dates, each made once. */

/** Making a formatter costs more than using it a hundred times, and a list of places uses hundreds. */
function once<F, O>(make: new (language: string, options: O) => F): (language: string, options: O) => F {
  const made = new Map<string, F>();
  return (language, options) => {
    const key = language + JSON.stringify(options);
    const found = made.get(key) ?? new make(language, options);
    made.set(key, found);
    return found;
  };
}
export const numbers = once(Intl.NumberFormat as new (language: string, options: Intl.NumberFormatOptions) => Intl.NumberFormat);
export const dates = once(Intl.DateTimeFormat as new (language: string, options: Intl.DateTimeFormatOptions) => Intl.DateTimeFormat);
export const relatives = once(Intl.RelativeTimeFormat as new (language: string, options: Intl.RelativeTimeFormatOptions) => Intl.RelativeTimeFormat);
export const plurals = once(Intl.PluralRules as new (language: string, options: Intl.PluralRulesOptions) => Intl.PluralRules);
