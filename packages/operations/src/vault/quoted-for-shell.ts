/** As one word of a command line, in shells of Unix. */
export const quotedForShell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
