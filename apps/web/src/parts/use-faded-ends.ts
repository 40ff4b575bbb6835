import { type RefObject, useEffect } from 'react';
import { bringIntoSight, noteHiddenEnds, watchSideways } from './sideways.ts';

/**
 * Of a row of links with `.fades`: keeps in sight where one is, and fades an end that hides something.
 *
 * @param changes what makes another link current, or the links longer
 */
export function useFadedEnds(row: RefObject<HTMLElement | null>, ...changes: readonly unknown[]): void {
  useEffect(() => {
    const links = row.current;
    if (links === null) return;
    return watchSideways(links, (isNewSize) => {
      const current = links.querySelector('[aria-current]');
      if (isNewSize && current) bringIntoSight(links, current);
      noteHiddenEnds(links);
    });
  }, [row, ...changes]);
}
