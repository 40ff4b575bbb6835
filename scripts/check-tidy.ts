import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesMatching, isProductSource, REPOSITORY } from './repository.ts';

/** Above these, look again: there may be a second story in it. Nothing fails. */
const FILE_LINES = 300;
const FUNCTION_LINES = 70;

const SHOWN_MAX = 10;

/** A file or function, where it begins, and how long it is. */
export interface Length {
  readonly place: string;
  readonly lines: number;
}

/**
 * A first line that begins a function: a declaration, a method, or an arrow. Rough on purpose; what it relies on
 * is that the formatter closes each block at the indentation at which it began.
 */
const FUNCTION_START =
  /^\s*(?:export )?(?:(?:async |static |get |set |\*)*(?!if\b|for\b|while\b|switch\b|catch\b|return\b|await\b)[#\w]+(?:<.*>)?\(|(?:async )?function\b|(?:const|readonly) #?\w+ = (?:async )?(?:<.*>)?\()/;

/** The functions of a file, by their lines from first to last. */
export function functionLengths(path: string, text: string): readonly Length[] {
  const lines = text.split('\n');
  return lines.flatMap((line, start): readonly Length[] => {
    if (!FUNCTION_START.test(line)) return [];
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const open = bodyOpens(lines, start, indent);
    if (open === undefined) return [];
    const end = lines.findIndex((other, at) => at > open && /^\}[;,)]*$/.test(other.slice(indent.length)));
    return end < 0 ? [] : [{ place: `${path}:${start + 1}`, lines: end - start + 1 }];
  });
}

/** The line that ends in the bracket of the body: the first itself, or the one that closes the parameters. */
function bodyOpens(lines: readonly string[], start: number, indent: string): number | undefined {
  if (/ \{$/.test(lines[start] ?? '')) return start;
  if (!(lines[start] ?? '').endsWith('(')) return undefined;
  const close = lines.findIndex((line, at) => at > start && line.startsWith(`${indent})`));
  return / \{$/.test(lines[close] ?? '') ? close : undefined;
}

function longest(lengths: readonly Length[], limit: number): readonly Length[] {
  return lengths
    .filter(({ lines }) => lines > limit)
    .sort((a, b) => b.lines - a.lines)
    .slice(0, SHOWN_MAX);
}

function report(title: string, lengths: readonly Length[]): void {
  if (lengths.length === 0) console.log(`${title}: none`);
  else console.log(`${title}:`);
  for (const { place, lines } of lengths) console.log(`  ${String(lines).padStart(5)}  ${place}`);
}

if (import.meta.main) {
  const sources = filesMatching('{packages,apps}/*/src/**/*.{ts,tsx}', '{scripts,tests,bench}/**/*.ts')
    .filter(isProductSource)
    .map((path) => ({ path, text: readFileSync(join(REPOSITORY, path), 'utf8') }));
  const files = sources.map(({ path, text }) => ({ place: path, lines: text.split('\n').length - 1 }));
  const functions = sources.flatMap(({ path, text }) => functionLengths(path, text));
  report(`Files over ${FILE_LINES} lines`, longest(files, FILE_LINES));
  report(`Functions over ${FUNCTION_LINES} lines`, longest(functions, FUNCTION_LINES));
}
