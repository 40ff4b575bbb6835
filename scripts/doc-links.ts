/** A link of a Markdown document to something else in this repository, or in itself. */
export interface DocLink {
  readonly line: number;
  /** Relative to the document; empty for a link into itself. */
  readonly path: string;
  /** The part after `#`, if any. */
  readonly anchor: string | undefined;
}

/** Links and images of a document; those to other hosts are left out, and so is what stands in code. */
export function linksIn(text: string): readonly DocLink[] {
  const blank = (code: string) => code.replace(/[^\n]/g, ' ');
  const prose = text.replace(/^```[\s\S]*?^```$/gm, blank).replace(/`[^`\n]*`/g, blank);
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match): readonly DocLink[] => {
    const target = match[1] ?? '';
    if (/^[a-z]+:/i.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    return [{ line: prose.slice(0, match.index).split('\n').length, path, anchor }];
  });
}

/** The anchors that GitHub gives the headings of a document. */
export function anchorsIn(text: string): readonly string[] {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm);
  return [...headings].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
