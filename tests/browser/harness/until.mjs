// Waiting: for something that happens, never for time to pass, and with an end.

/** The longest that anything may take on a machine that has much else to do, in milliseconds. */
export const DEADLINE = 30_000;
/** How often a condition that tells nobody when it changes is looked at, in milliseconds. */
const LOOK_EVERY = 50;

/**
 * Waits until `holds` gives something that is neither false, null nor undefined, and gives it. What `holds` throws
 * counts as "not yet", and is told at the deadline.
 *
 * @template T
 * @param {string} what what is waited for, for the message when it does not come
 * @param {() => Promise<T> | T} holds
 * @param {number} [deadline] in milliseconds
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, holds, deadline = DEADLINE) {
  const end = Date.now() + deadline;
  let last;
  for (;;) {
    try {
      last = await holds();
      if (last !== undefined && last !== null && last !== false) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= end) break;
    await tick();
  }
  const seen = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`${what}: not within ${deadline / 1000} s; last seen: ${seen}`);
}

/**
 * A promise that ends with an error when it takes too long.
 *
 * @template T
 * @param {string} what
 * @param {Promise<T>} promise
 * @param {number} [deadline]
 * @returns {Promise<T>}
 */
export async function within(what, promise, deadline = DEADLINE) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what}: not within ${deadline / 1000} s`)), deadline);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tick() {
  return new Promise((done) => setTimeout(done, LOOK_EVERY));
}
