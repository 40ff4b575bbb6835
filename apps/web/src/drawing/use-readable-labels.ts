import { type RefObject, useEffect } from 'react';
import { bringIntoSight, watchSideways } from '../parts/sideways.ts';
import { readableLabels } from './readable-labels.ts';

/** On a chart that scrolls sideways: shows the words that can be read where it is now, the last day first. */
export function useReadableLabels(chart: RefObject<HTMLElement | null>, selected: string | undefined): void {
  // Other words or another root change what is drawn, so it looks after each drawing.
  useEffect(() => {
    if (chart.current !== null) showReadable(chart.current);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another root has been chosen
  useEffect(() => {
    const field = chart.current;
    if (field === null) return;
    return watchSideways(field, (isNewSize) => {
      const label = field.querySelector('.root-label');
      if (isNewSize && label) bringIntoSight(field, label);
      showReadable(field);
    });
  }, [chart, selected]);
}

function showReadable(field: HTMLElement): void {
  const texts = [...field.querySelectorAll<SVGTextElement>('svg text')].reverse();
  const labels = texts.map((text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    return { text, left, right, top, bottom };
  });
  const readable = new Set(readableLabels(labels, field.getBoundingClientRect()).map(({ text }) => text));
  for (const text of texts) text.style.visibility = readable.has(text) ? '' : 'hidden';
}
