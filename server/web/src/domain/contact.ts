/** Phone numbers, mail addresses and sites as links. What is no sound address is shown as text. */

/** `tel:` of a French or international number; `null` when it cannot be dialled. */
export function telOf(phone: string): string | null {
  const digits = phone.replace(/\(0\)/g, '').replace(/[\s.\-()/\u00a0\u202f]/g, '');
  if (!/^\+?\d{2,15}$/.test(digits)) return null;
  if (digits.startsWith('00')) return `tel:+${digits.slice(2)}`;
  // Short numbers (39 39, 3620) have no international form.
  return /^0\d{9}$/.test(digits) ? `tel:+33${digits.slice(1)}` : `tel:${digits}`;
}

/** `mailto:` of an address. */
export function mailOf(mail: string): string | null {
  const address = mail.trim();
  return /^[^\s@<>",;:]+@[^\s@<>",;:]+\.[^\s@<>",;:]+$/.test(address) ? `mailto:${encodeURIComponent(address).replace('%40', '@')}` : null;
}

/** An address on the web; only http and https, so that nothing typed can run in the page. */
export function webOf(site: string): string | null {
  const text = site.trim();
  const address = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
  try {
    const url = new URL(address);
    return (url.protocol === 'https:' || url.protocol === 'http:') && url.hostname.includes('.') ? url.href : null;
  } catch {
    return null;
  }
}

/** A site without what everybody knows: scheme, `www.`, the last slash. */
export function webWords(site: string): string {
  return site.trim().replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');
}
