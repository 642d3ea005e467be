/** The time, for pages: what it is now, told anew twice a minute, and how far this device's clock is from the server's. */
import { isClockWrong } from '../domain/status';
import { onServerTime } from '../sync/api';

class Clock {
  now = $state(Date.now());
  /** The server's clock less this device's, in milliseconds, by the last answer. */
  drift = $state(0);
  wrong = $derived(isClockWrong(this.drift));

  /** Starts to tick; once a page. */
  start(): void {
    const tick = (): void => {
      this.now = Date.now();
    };
    setInterval(tick, 30_000);
    // A phone's timers sleep with its screen.
    document.addEventListener('visibilitychange', tick);
    onServerTime((server) => {
      this.drift = server - Date.now();
    });
  }
}

export const clock = new Clock();
