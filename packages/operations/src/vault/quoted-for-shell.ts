/** What no shell of Unix takes for more than itself, wherever it stands in a word but at its beginning. */
const PLAIN = /^[\w./][\w./:@%+,=-]*$/;

/** As one word of a command line, in shells of Unix. */
export const quotedForShell = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
