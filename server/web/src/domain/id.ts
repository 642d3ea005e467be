/** Ids of records: uuids, version 7, in lower case. Time and randomness are handed in; nothing here draws them. */

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MOST = 2 ** 48 - 1;

/** Whether a key is a uuid in its usual form: in another, the same record could stand twice. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Bytes in hexadecimal. */
export function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Milliseconds since 1970 as 48 bits in hexadecimal; a clock beyond them is clamped. */
export function moment(now: number): string {
  const time = Number.isNaN(now) ? 0 : Math.min(Math.max(Math.floor(now), 0), MOST);
  return time.toString(16).padStart(12, '0');
}

/**
 * A new id: 48 bits of time, then 74 random ones of the ten bytes handed in, so that records stand in the order of their
 * making. A clock before 1970 or beyond 48 bits is clamped: the id is as good, it only stands first or last.
 */
export function newId(now: number, random: Uint8Array): string {
  if (random.length < 10) throw new RangeError('an id takes ten random bytes');
  const bytes = Uint8Array.from(random.subarray(0, 10));
  const [high = 0, variant = 0] = [bytes[0], bytes[2]];
  bytes[0] = 0x70 | (high & 0x0f);
  bytes[2] = 0x80 | (variant & 0x3f);
  const [head, tail] = [moment(now), hexadecimal(bytes)];
  return `${head.slice(0, 8)}-${head.slice(8)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`;
}
