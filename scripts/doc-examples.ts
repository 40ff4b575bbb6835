/** A piece of code in a document or a comment that promises to work. */
export interface DocExample {
  /** File and the line of its first line of code, for whoever has to mend it. */
  readonly path: string;
  readonly line: number;
  readonly code: string;
  /** In a comment it stands beside what it explains, so names need no imports there. */
  readonly isComment: boolean;
}

/** Every `@example` in the doc comments of a source file, up to the next tag or the end of the comment. */
export function examplesInComments(path: string, text: string): readonly DocExample[] {
  const examples: DocExample[] = [];
  let open: { readonly line: number; readonly code: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const isEnd = line.includes('*/') || /^\s*\* @/.test(line);
    if (open !== undefined && isEnd) {
      examples.push({ path, line: open.line, code: open.code.join('\n'), isComment: true });
      open = undefined;
    }
    if (open !== undefined) open.code.push(line.replace(/^\s*\* ?/, ''));
    if (/^\s*\* @example\s*$/.test(line)) open = { line: index + 2, code: [] };
  }
  return examples;
}

/** Every block of a Markdown document that is marked as `ts`. */
export function examplesInMarkdown(path: string, text: string): readonly DocExample[] {
  const blocks = text.matchAll(/^```ts\n([\s\S]*?)^```$/gm);
  return [...blocks].map((block) => ({
    path,
    line: text.slice(0, block.index).split('\n').length + 1,
    code: block[1] ?? '',
    isComment: false,
  }));
}

/** Where names come from: module → what it exports. Earlier modules win. */
export type KnownNames = ReadonlyMap<string, readonly string[]>;

/**
 * The example as a module of its own. The first line holds the imports, if the example may leave them out; the
 * code begins in the second.
 */
export function moduleOf(example: DocExample, names: KnownNames): string {
  return `${example.isComment ? importsOf(example.code, names) : ''} export {};\n${example.code}\n`;
}

function importsOf(code: string, names: KnownNames): string {
  const used = new Set(code.match(/[A-Za-z_$][\w$]*/g));
  for (const [, name] of code.matchAll(/\b(?:const|let|function|class|interface|type) (\w+)/g)) {
    used.delete(name ?? '');
  }
  return [...names]
    .map(([module, exported]) => {
      const wanted = exported.filter((name) => used.delete(name));
      return wanted.length === 0 ? '' : `import { ${wanted.join(', ')} } from '${module}';`;
    })
    .join(' ');
}

/** What a source file exports under names of its own. */
export function exportedNames(text: string): readonly string[] {
  const declarations = text.matchAll(/^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm);
  return [...declarations].map((match) => match[1] ?? '');
}
