import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { finishCheck } from './finish-check.ts';
import { IMPORT_TABLE, type ImportTable } from './import-table.ts';
import { filesMatching, isProductSource, REPOSITORY } from './repository.ts';

/** A file of this repository: its path from the root, and what is in it. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a part says about its own dependencies, apart from the imports in its code. */
export interface Declarations {
  /** `packages/device` */
  readonly folder: string;
  /** Names in `dependencies` of its package.json. */
  readonly dependencies: readonly string[];
  /** Folders that its tsconfig.json refers to, from the root. */
  readonly references: readonly string[];
}

export interface FoundImport {
  readonly line: number;
  readonly specifier: string;
}

const SCOPE = '@rootcellar/';

/**
 * Every module that a source file names: static, dynamic and re-exporting imports, and URLs of workers.
 * Comments are left out; the formatter begins each of their lines with `//`, `/*` or `*`.
 */
export function findImports(text: string): readonly FoundImport[] {
  const code = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const forms = [
    /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"`]([^'"`]+)['"`]/g,
    /\bnew URL\(\s*['"`](\.[^'"`]+)['"`]\s*,\s*import\.meta\.url/g,
  ];
  const found = forms.flatMap((form) =>
    [...code.matchAll(form)].map((match) => ({
      line: code.slice(0, match.index + match[0].length).split('\n').length,
      specifier: match[1] ?? '',
    })),
  );
  return found.sort((a, b) => a.line - b.line);
}

/** @returns a sentence for each import that the table does not allow */
export function checkSource(file: SourceFile, table: ImportTable = IMPORT_TABLE): readonly string[] {
  const folder = partOf(file.path);
  const allowed = table[folder];
  if (allowed === undefined) return [`${file.path}: ${folder} is not in the import table`];
  return findImports(file.text).flatMap(({ line, specifier }) => {
    const problem = specifier.startsWith('.')
      ? leavesPart(file.path, folder, specifier)
      : checkPackage(folder, allowed, specifier);
    return problem === undefined ? [] : [`${file.path}:${line}: ${problem}`];
  });
}

/** @returns a sentence for each declared dependency that the table does not allow, or that is declared in one place only */
export function checkDeclarations(part: Declarations, table: ImportTable = IMPORT_TABLE): readonly string[] {
  const { folder } = part;
  const allowed = table[folder];
  if (allowed === undefined) return [`${folder}: is not in the import table`];
  const depends = part.dependencies.filter((name) => name.startsWith(SCOPE)).map(nameOf);
  const refers = part.references.map((reference) => posix.basename(reference));
  const forbidden = (names: readonly string[], where: string) =>
    names
      .filter((name) => !allowed.includes(name))
      .map((name) => `${folder}/${where}: ${nameOf(folder)} may not depend on ${name}`);
  const missing = (names: readonly string[], others: readonly string[], where: string) =>
    names
      .filter((name) => !others.includes(name))
      .map((name) => `${folder}/${where}: ${name} is missing here`);
  return [
    ...forbidden(depends, 'package.json'),
    ...forbidden(refers, 'tsconfig.json'),
    ...missing(depends, refers, 'tsconfig.json'),
    ...missing(refers, depends, 'package.json'),
  ];
}

/** Every source file of every part, without tests. */
export function readSources(): readonly SourceFile[] {
  return filesMatching('{packages,apps}/*/src/**/*.{ts,tsx}')
    .filter(isProductSource)
    .map((path) => ({ path, text: readFileSync(join(REPOSITORY, path), 'utf8') }));
}

/** What every part says about itself. */
export function readDeclarations(): readonly Declarations[] {
  return filesMatching('{packages,apps}/*/package.json').map((path) => {
    const folder = posix.dirname(path);
    const manifest = readJson(path) as { dependencies?: Record<string, string> };
    return {
      folder,
      dependencies: Object.keys(manifest.dependencies ?? {}),
      references: readReferences(folder),
    };
  });
}

/** A part that `tsc -b` does not reach would never be checked at all. */
function checkReached(folders: readonly string[]): readonly string[] {
  return ['tsconfig.json', 'tsconfig.tests.json'].flatMap((config) => {
    const reached = referencesIn(config);
    return folders
      .filter((folder) => !reached.includes(folder))
      .map((folder) => `${config}: does not refer to ${folder}`);
  });
}

function leavesPart(path: string, folder: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  return target.startsWith(`${folder}/`) ? undefined : `${specifier} leaves ${folder}`;
}

function checkPackage(folder: string, allowed: readonly string[], specifier: string): string | undefined {
  if (!specifier.startsWith(SCOPE)) return undefined;
  const [name = '', ...inside] = specifier.slice(SCOPE.length).split('/');
  if (name === nameOf(folder)) return `${specifier}: a part imports its own files by their path`;
  if (!allowed.includes(name)) return `${nameOf(folder)} may not import ${name}`;
  return inside.length > 0 ? `${specifier} goes past the door of ${name}` : undefined;
}

/** "packages/device/src/usbmux/frame.ts" → "packages/device" */
function partOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

/** "packages/device" and "@rootcellar/device" → "device" */
function nameOf(folder: string): string {
  return posix.basename(folder);
}

function readReferences(folder: string): readonly string[] {
  const config = `${folder}/tsconfig.json`;
  return existsSync(join(REPOSITORY, config)) ? referencesIn(config) : [];
}

function referencesIn(config: string): readonly string[] {
  const { references = [] } = readJson(config) as { references?: readonly { readonly path: string }[] };
  return references.map(({ path }) => posix.join(posix.dirname(config), path));
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(REPOSITORY, path), 'utf8'));
}

if (import.meta.main) {
  const sources = readSources();
  const declarations = readDeclarations();
  finishCheck(
    [
      ...sources.flatMap((file) => checkSource(file)),
      ...declarations.flatMap((part) => checkDeclarations(part)),
      ...checkReached(declarations.map(({ folder }) => folder)),
    ],
    `${sources.length} files of ${declarations.length} parts keep to the import table.`,
  );
}
