import type { Page } from 'playwright-core';

/** A longer word may be broken where it stands: nobody reads it as one. */
const UNBROKEN_LETTERS_MAX = 30;

/** Words that do not fit into what they stand in, without a sign that there is more of them. */
const CLIPPED_TEXTS = `(() => {
  const clips = ({ overflowX, textOverflow }) => !['visible', 'auto'].includes(overflowX) && textOverflow !== 'ellipsis';
  const texts = [...document.querySelectorAll('button, a, h1, h2, h3, p, th, td, dt, dd, label, .tag, .mantine-Button-label')]
    .filter((part) => part.clientWidth > 1 && part.scrollWidth > part.clientWidth + 1 && clips(getComputedStyle(part)))
    .map((part) => part.textContent);
  const pen = document.createElement('canvas').getContext('2d');
  const hints = [...document.querySelectorAll('input[placeholder]')].filter((field) => {
    const { font, paddingLeft, paddingRight } = getComputedStyle(field);
    pen.font = font;
    const room = field.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    return pen.measureText(field.placeholder).width > room + 1;
  }).map((field) => field.placeholder);
  return [...texts, ...hints].map((text) => 'no room for ' + text.trim().slice(0, 60));
})()`;

/** What is cut by the edge of what it lies in: the chosen tab, a cell of a table, a button of a dialogue. */
const CUT_BY_EDGE = `(() => {
  const cut = (part, whole) => {
    const [inner, outer] = [part, whole].map((one) => one.getBoundingClientRect());
    if (inner.width <= 1 || inner.height <= 1) return false;
    return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1;
  };
  const within = (whole, parts) => [...document.querySelectorAll(whole)].flatMap((outer) =>
    [...outer.querySelectorAll(parts)].filter((part) => cut(part, outer)));
  const hard = [...document.querySelectorAll('.bar .tabs')].filter((tabs) =>
    tabs.scrollWidth > tabs.clientWidth && (document.documentElement.lang === 'en' || getComputedStyle(tabs).maskImage === 'none'));
  return [
    ...within('.bar .tabs', '[aria-current]'),
    ...hard.flatMap((tabs) => [...tabs.children].filter((tab) => cut(tab, tabs))),
    ...within('.card.fit', 'td, th'),
    ...within('[role=dialog]', 'button, a'),
  ].map((part) => 'cut by an edge: ' + part.textContent.trim().slice(0, 60));
})()`;

/** Words of tables that go on in the next line in the middle, though they are short. */
const BROKEN_WORDS = `(() => {
  const found = [];
  for (const cell of document.querySelectorAll('td, th')) {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) for (const { 0: word, index } of texts.currentNode.data.matchAll(/[^\\s/-]+/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
      if (word.length <= ${UNBROKEN_LETTERS_MAX} && lines.size > 1) found.push('broken: ' + word);
    }
  }
  return found;
})()`;

/** Words on a chart that are seen in part, or touch others. */
const CROWDED_LABELS = `(() => [...document.querySelectorAll('.roots-scroll, .roots:not(:has(.roots-scroll))')].flatMap((chart) => {
  const field = chart.getBoundingClientRect();
  const labels = [...chart.querySelectorAll('svg text')]
    .filter((text) => getComputedStyle(text).visibility === 'visible')
    .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
    .filter(({ box }) => box.right > field.left && box.left < field.right);
  const cut = labels.filter(({ box }) => box.left < field.left - 1 || box.right > field.right + 1);
  const touching = labels.filter(({ box }, at) => labels.slice(at + 1).some(({ box: other }) =>
    box.left < other.right && other.left < box.right && box.top < other.bottom - 2 && other.top < box.bottom - 2));
  return [
    ...cut.map(({ text }) => 'cut on the chart: ' + text),
    ...touching.map(({ text }) => 'touches another on the chart: ' + text),
  ];
}))()`;

/** Words and buttons that the page as it is now does not show whole, in one line each. */
export async function clippedOn(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const check of [CLIPPED_TEXTS, CUT_BY_EDGE, BROKEN_WORDS, CROWDED_LABELS]) {
    found.push(...((await page.evaluate(check)) as readonly string[]));
  }
  return found;
}
