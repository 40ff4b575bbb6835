import { useEffect } from 'react';
import { placeOf } from './route.ts';

/** Marks a place in the history where one has been. */
const VISITED = 'visited';

/** So long a page may take to load; then it stays as it is. */
const HEADING_WITHIN_MS = 5_000;

/**
 * Another page begins at its top and at its heading, for those who see it and for those who hear it. How far one had
 * scrolled is left to the browser on the way back and forth.
 */
export function useArrival(): void {
  useEffect(() => {
    let page = pageNow();
    let stopWaiting = (): void => {};
    history.replaceState(VISITED, '');
    const arrive = (): void => {
      const before = page;
      page = pageNow();
      const isReturn = history.state === VISITED;
      history.replaceState(VISITED, '');
      if (page === before) return;
      stopWaiting();
      if (!isReturn) scrollTo(0, 0);
      stopWaiting = focusHeading();
    };
    // Before the new page is drawn: it is told by the old one that is still there.
    addEventListener('hashchange', arrive, { capture: true });
    return () => {
      removeEventListener('hashchange', arrive, { capture: true });
      stopWaiting();
    };
  }, []);
}

/** What is chosen on a page is no other page. */
function pageNow(): string {
  return placeOf(location.hash).path.join('/');
}

/** Once it is there: pages are loaded when they are needed. @returns what ends the wait */
function focusHeading(): () => void {
  const left = document.querySelector('#main');
  const tryNow = (): boolean => {
    const main = document.querySelector('#main');
    const heading = main === left ? null : main?.querySelector('h1');
    if (!heading) return false;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    return true;
  };
  const watcher = new MutationObserver(() => {
    if (tryNow()) watcher.disconnect();
  });
  watcher.observe(document.body, { childList: true, subtree: true });
  const timer = setTimeout(() => watcher.disconnect(), HEADING_WITHIN_MS);
  return () => {
    clearTimeout(timer);
    watcher.disconnect();
  };
}
