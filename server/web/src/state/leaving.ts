/** Nothing typed is lost when the page goes away, sleeps, or is about to be replaced by a new version. */

/** Every field that is open on this page, so that nothing typed is lost when it goes away. */
const open = new Set<{ flush(): Promise<boolean> }>();
let listening = false;

/** Saves what is typed when the page is about to go; `flush` answers whether all of it is written. */
export function saveBeforeLeaving(field: { flush(): Promise<boolean> }): () => void {
  if (!listening) {
    listening = true;
    const flush = (): void => open.forEach((each) => void each.flush());
    addEventListener('pagehide', flush);
    addEventListener('portrea:flush', flush);
    document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flush());
  }
  open.add(field);
  return () => {
    open.delete(field);
    void field.flush();
  };
}
