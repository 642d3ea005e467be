/** The room on the device: asked of the browser by pages. What the engine does when there is none is its own business. */

/** The site's room, in bytes; `null` where the browser does not say. */
export interface Space {
  used: number | null;
  quota: number | null;
  /** The browser promised not to clear it by itself. */
  persisted: boolean | null;
  /** Little is left: time to say so, before something is refused. */
  tight: boolean;
}

const TIGHT_SHARE = 0.8;
const TIGHT_BYTES = 50 * 1024 * 1024;

/**
 * Asks the browser not to clear what is kept when the disk runs full. To be asked once there is something to lose and
 * somebody who touched the page: some browsers ask the person. Whether it was promised.
 */
export async function askToPersist(): Promise<boolean> {
  try {
    const storage = navigator.storage as StorageManager | undefined;
    return (await storage?.persisted()) === true || (await storage?.persist()) === true;
  } catch {
    return false;
  }
}

/** The room that is left. */
export async function space(): Promise<Space> {
  try {
    const { usage: used, quota } = await navigator.storage.estimate();
    if (used !== undefined && quota !== undefined && quota > 0) {
      const persisted = await navigator.storage.persisted();
      return { used, quota, persisted, tight: used > quota * TIGHT_SHARE || quota - used < TIGHT_BYTES };
    }
  } catch {
    // An older browser, or a page that is not served safely.
  }
  return { used: null, quota: null, persisted: null, tight: false };
}
