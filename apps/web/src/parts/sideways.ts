/*
 * Rows that scroll sideways: what is beyond their ends, and how to bring a part of them into sight.
 */

/** As wide as what fades at an end, in px; `.fades` in parts.css says the same. */
const FADE_PX = 28;

/** Less than this is rounding, not something out of sight. */
const ROUNDING_PX = 1;

/** Scrolls a row, and nothing around it, until one of its parts is whole, clear of the ends that fade. */
export function bringIntoSight(row: HTMLElement, part: Element): void {
  const [seen, wanted] = [row.getBoundingClientRect(), part.getBoundingClientRect()];
  if (wanted.left >= seen.left + FADE_PX && wanted.right <= seen.right - FADE_PX) return;
  row.scrollLeft += (wanted.left + wanted.right - seen.left - seen.right) / 2;
}

/** Notes on a row with `.fades` at which of its ends something is out of sight: `data-hides="left right"`. */
export function noteHiddenEnds(row: HTMLElement): void {
  const most = row.scrollWidth - row.clientWidth;
  const left = row.scrollLeft;
  const hides = [left > ROUNDING_PX && 'left', left < most - ROUNDING_PX && 'right'].filter(Boolean);
  row.dataset['hides'] = hides.join(' ');
}

/**
 * Calls `look` now, after each scroll of the row, and when it or what it holds has another size.
 *
 * @returns how to stop
 */
export function watchSideways(row: HTMLElement, look: (isNewSize: boolean) => void): () => void {
  const onScroll = () => look(false);
  const sizes = new ResizeObserver(() => look(true));
  for (const part of [row, ...row.children]) sizes.observe(part);
  row.addEventListener('scroll', onScroll, { passive: true });
  return () => {
    sizes.disconnect();
    row.removeEventListener('scroll', onScroll);
  };
}
