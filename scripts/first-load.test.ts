import { expect, test } from 'vitest';
import { scriptsOf } from './first-load.ts';

test('the first load is the script of the page and what it fetches ahead, each once', () => {
  const page = `
    <script type="module" crossorigin src="/assets/index-a.js"></script>
    <link rel="modulepreload" crossorigin href="/assets/react-b.js">
    <link rel="modulepreload" href="/assets/react-b.js">
    <link rel="stylesheet" href="/assets/index-c.css">`;
  expect(scriptsOf(page)).toEqual(['assets/index-a.js', 'assets/react-b.js']);
});
