import type { Upload } from '../backup-agent/host-folder.ts';
import { FILE_TYPE, fileIDOf, type ManifestRow } from '../backup-agent/manifest-row.ts';
import { UnreadableContent } from '../backup-agent/raw-files.ts';
import type { FileContent } from '../file-system/phone-file-system.ts';
import type { Fault, FaultHooks, FaultTools } from './fault.ts';
import { hostAround } from './host-around.ts';

/** Payloads, not control files, whose batch is announced with no bytes. Source: observed, section 1.2. */
function ofPayloads(change: (upload: Upload, hangUp: () => void) => Upload): FaultHooks {
  return {
    wrapHost: (host, run) =>
      hostAround(host, {
        upload: (files, totalBytes) =>
          host.upload(
            totalBytes === 0 ? files : files.map((file) => change(file, () => run.hangUp())),
            totalBytes,
          ),
      }),
  };
}

/** Strikes files that have bytes at all, one in so many. */
function someFiles({ random, strike }: FaultTools, change: (upload: Upload, hangUp: () => void) => Upload) {
  return ofPayloads((upload, hangUp) =>
    upload.content.sizeBytes > 0 && random.below(4) === 0 && strike() ? change(upload, hangUp) : upload,
  );
}

const truncatedUpload: Fault = {
  name: 'truncated-upload',
  description: 'The connection breaks in the middle of a file.',
  source: 'observed, section 4 (batch of 2.6 GB ends after 65.6 KB)',
  times: 1,
  parameters: {},
  arm: (tools) =>
    someFiles(tools, (upload, hangUp) => ({
      ...upload,
      content: changed(upload.content, async function* (bytes) {
        yield bytes.subarray(0, Math.ceil(bytes.length / 2));
        hangUp();
      }),
    })),
};

const unreadableFile: Fault = {
  name: 'unreadable-file',
  description: 'The phone cannot read one of its own files and says so in the place of its content.',
  source: 'observed, section 1.3 (0x0B with Input/output error (5), while the backup succeeds, iOS 17.2.1)',
  times: 1,
  parameters: {
    after: {
      kind: 'choice',
      default: 'nothing',
      choices: ['nothing', 'data'],
      description: 'what was sent of it before',
    },
  },
  arm: (tools) =>
    someFiles(tools, (upload) => ({
      ...upload,
      content: changed(upload.content, async function* (bytes) {
        if (tools.choice('after') === 'data') yield bytes.subarray(0, Math.ceil(bytes.length / 2));
        throw new UnreadableContent('Input/output error (5)');
      }),
    })),
};

const fileVanishes: Fault = {
  name: 'file-vanishes',
  description: 'A file is removed on the phone between the scan and its upload.',
  source: 'ours: apps go on while a phone without a file system snapshot is backed up',
  times: 1,
  parameters: {},
  arm: (tools) =>
    someFiles(tools, (upload) => ({
      ...upload,
      // biome-ignore lint/correctness/useYield: there is nothing to give
      content: changed(upload.content, async function* () {
        throw new UnreadableContent('No such file or directory (2)');
      }),
    })),
};

const fileGrows: Fault = {
  name: 'file-grows',
  description: 'A file is written to while it is sent, and is longer than the manifest says.',
  source: 'ours: sizes in manifests were seen to differ from payloads',
  times: 1,
  parameters: {
    bytes: { kind: 'number', default: 4096, min: 1, max: 1 << 30, description: 'how much longer' },
  },
  arm: (tools) =>
    someFiles(tools, (upload) => ({
      ...upload,
      content: {
        ...upload.content,
        async *read(start?: number) {
          yield* upload.content.read(start);
          yield tools.random.bytes(tools.number('bytes'));
        },
      },
    })),
};

/** What `hostile-names` writes in the place of the second half of a path. */
const HOSTILE_NAMES: Readonly<Record<string, (path: string) => string>> = {
  climbing: (path) => `${path.split('/')[0]}/../../outside`,
  absolute: () => '/etc/outside',
  foreign: () => '00008120-FFFFFFFFFFFFFFFF/Status.plist',
  nul: (path) => `${path}\0.txt`,
  backslash: (path) => `${path.split('/')[0]}\\..\\..\\outside`,
  dots: (path) => `${path}/./../..`,
};

const hostileNames: Fault = {
  name: 'hostile-names',
  description: 'The phone names a place on the computer that is none of its business.',
  source: 'ours: a phone may be anybody’s',
  times: 1,
  parameters: {
    kind: {
      kind: 'choice',
      default: 'climbing',
      choices: Object.keys(HOSTILE_NAMES),
      description: 'how it tries',
    },
  },
  arm: ({ choice, strike }) =>
    ofPayloads((upload) => {
      const change = HOSTILE_NAMES[choice('kind')];
      return change && strike() ? { ...upload, hostPath: change(upload.hostPath) } : upload;
    }),
};

const giantManifest: Fault = {
  name: 'giant-manifest',
  description: 'The manifest has very many rows, of folders that take no room otherwise.',
  source: 'observed, sections 1.8 and 2.3 (1.31 million rows, 1.55 GB, iOS 26.6)',
  times: 0,
  parameters: {
    rows: { kind: 'number', default: 100_000, min: 1, max: 2_000_000, description: 'how many more' },
  },
  arm: ({ number, strike }) => ({
    wrapScan: (scan) => {
      const like = scan.rows[0];
      if (like === undefined || !strike()) return scan;
      return { ...scan, rows: [...scan.rows, ...paddingRows(like, number('rows'))] };
    },
  }),
};

function* paddingRows(like: ManifestRow, count: number): Iterable<ManifestRow> {
  const domain = 'HomeDomain';
  for (let index = 0; index < count; index += 1) {
    const relativePath = `Library/Preferences/padding-${index}`;
    const inode = like.inode + 1_000_000_000 + index;
    const mode = FILE_TYPE.folder | 0o755;
    const fileID = fileIDOf(domain, relativePath);
    const { target, digest, ...rest } = like;
    yield { ...rest, fileID, domain, relativePath, mode, inode, sizeBytes: 0 };
  }
}

/** The first piece of a content, and then what `give` makes of it. */
function changed(
  content: FileContent,
  give: (firstPiece: Uint8Array) => AsyncGenerator<Uint8Array>,
): FileContent {
  return {
    ...content,
    async *read(start?: number) {
      for await (const piece of content.read(start)) {
        yield* give(piece);
        return;
      }
    },
  };
}

/** What happens to files on their way. */
export const FILE_FAULTS: readonly Fault[] = [
  truncatedUpload,
  unreadableFile,
  fileVanishes,
  fileGrows,
  hostileNames,
  giantManifest,
];
