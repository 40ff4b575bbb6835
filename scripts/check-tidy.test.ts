import { expect, test } from 'vitest';
import { functionLengths } from './check-tidy.ts';

test('functions, methods and arrows are measured from their first line to their last', () => {
  const text = [
    'export async function one(',
    '  a: number,',
    '): Promise<void> {',
    '  if (a) {',
    '    return;',
    '  }',
    '}',
    'const two = (a: number): number => {',
    '  return a;',
    '};',
    'class Three {',
    '  async #four(): Promise<void> {',
    '    call(',
    '      1,',
    '    );',
    '  }',
    '}',
  ].join('\n');
  expect(functionLengths('a.ts', text)).toEqual([
    { place: 'a.ts:1', lines: 7 },
    { place: 'a.ts:8', lines: 3 },
    { place: 'a.ts:12', lines: 5 },
  ]);
});
