/** The device's own position, asked for only when somebody touches a button for it. */
const PATIENCE_MS = 15_000;
/** About a metre: more digits than that say nothing. */
const DIGITS = 1e5;

/** `null` when the device cannot tell, or may not. */
export function whereAmI(): Promise<{ latitude: number; longitude: number } | null> {
  return new Promise((done) => {
    if (!('geolocation' in navigator)) return done(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        done({
          latitude: Math.round(coords.latitude * DIGITS) / DIGITS,
          longitude: Math.round(coords.longitude * DIGITS) / DIGITS,
        }),
      () => done(null),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
    );
  });
}
