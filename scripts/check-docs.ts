import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, posix, relative, sep } from 'node:path';
import {
  type DocExample,
  examplesInComments,
  examplesInMarkdown,
  exportedNames,
  type KnownNames,
  moduleOf,
} from './doc-examples.ts';
import { anchorsIn, linksIn } from './doc-links.ts';
import { finishCheck } from './finish-check.ts';
import { filesMatching, REPOSITORY } from './repository.ts';
import { runTool } from './run-tool.ts';

/** Below node_modules, so that examples import packages as their readers would. */
const WORKING_FOLDER = join(REPOSITORY, 'node_modules', '.cache', 'doc-examples');

const CONFIG = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: {
    noEmit: true,
    composite: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    // An example shows how a value is made; what is done with it is the reader's.
    noUnusedLocals: false,
  },
};

const documents = filesMatching('*.md', '{docs,changelog,tests,bench,apps,packages}/**/*.md');
const examples = [
  ...filesMatching('{packages,apps}/*/src/**/*.ts').flatMap((path) => examplesInComments(path, read(path))),
  ...documents.flatMap((path) => examplesInMarkdown(path, read(path))),
];
finishCheck(
  [...documents.flatMap(brokenLinks), ...(await compile(examples))],
  `${examples.length} examples compile, and all links of ${documents.length} documents lead somewhere.`,
);

function read(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

function brokenLinks(document: string): readonly string[] {
  return linksIn(read(document)).flatMap(({ line, path, anchor }) => {
    const target = path === '' ? document : posix.join(posix.dirname(document), path);
    const at = `${document}:${line}`;
    if (!existsSync(join(REPOSITORY, target))) return [`${at}: ${path} does not exist`];
    if (anchor === undefined || !target.endsWith('.md')) return [];
    return anchorsIn(read(target)).includes(anchor) ? [] : [`${at}: ${target} has no heading #${anchor}`];
  });
}

/** @returns what the compiler says, told of the document instead of the module made from it */
async function compile(all: readonly DocExample[]): Promise<readonly string[]> {
  rmSync(WORKING_FOLDER, { recursive: true, force: true });
  mkdirSync(WORKING_FOLDER, { recursive: true });
  const doors = await namesOfPackages();
  const byModule = new Map(all.map((example, index) => [`example-${index + 1}.ts`, example] as const));
  for (const [name, example] of byModule) {
    writeFileSync(join(WORKING_FOLDER, name), moduleOf(example, namesFor(example, doors)));
  }
  writeFileSync(
    join(WORKING_FOLDER, 'tsconfig.json'),
    JSON.stringify({ ...CONFIG, files: [...byModule.keys()] }),
  );
  const run = await runTool('tsc', ['-p', WORKING_FOLDER, '--pretty', 'false']);
  if (run.exitCode === 0) return [];
  return run.output
    .trimEnd()
    .split('\n')
    .map((line) => toldOfDocument(line, byModule));
}

async function namesOfPackages(): Promise<KnownNames> {
  const packages = filesMatching('packages/*/package.json').map((path) => basename(posix.dirname(path)));
  const entries = packages.map(async (name) => {
    const module: Record<string, unknown> = await import(`@rootcellar/${name}`);
    return [`@rootcellar/${name}`, Object.keys(module)] as const;
  });
  return new Map(await Promise.all(entries));
}

/** The file that a comment belongs to, then the door of its own package, then those of the others. */
function namesFor(example: DocExample, doors: KnownNames): KnownNames {
  const ownFile = relative(WORKING_FOLDER, join(REPOSITORY, example.path)).replaceAll(sep, '/');
  const own = `@rootcellar/${example.path.split('/')[1]}`;
  return new Map([
    [ownFile, exportedNames(example.isComment ? read(example.path) : '')],
    [own, doors.get(own) ?? []],
    ...[...doors].filter(([name]) => name !== own),
  ]);
}

function toldOfDocument(line: string, byModule: ReadonlyMap<string, DocExample>): string {
  const [, name = '', row = '', message = ''] = /(example-\d+\.ts)\((\d+),\d+\): (.*)/.exec(line) ?? [];
  const example = byModule.get(name);
  // The code begins in the second line of its module.
  return example === undefined ? line : `${example.path}:${example.line + Number(row) - 2}: ${message}`;
}
