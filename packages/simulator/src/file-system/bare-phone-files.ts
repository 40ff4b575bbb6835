import type { Clock } from '@rootcellar/core';
import type { FileContent, NodeAttributes, PhoneFileSystem, PhoneNode } from './phone-file-system.ts';

/** 1 MiB, as `FileContent` promises. */
const PIECE_BYTES = 1024 * 1024;

/** A phone's disk that starts empty and is forgotten at the end: enough to try the wire. */
export function barePhoneFiles(clock: Clock, capacityBytes: number): PhoneFileSystem {
  const nodes = new Map<string, PhoneNode>();
  let lastInode = 1;

  const put = (path: string, part: Partial<PhoneNode> & Pick<PhoneNode, 'kind'>, given?: NodeAttributes) => {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent !== '' && !nodes.has(parent)) put(parent, { kind: 'folder' });
    const before = nodes.get(path);
    const now = Math.floor(clock.now().getTime() / 1000);
    const attributes = {
      ...(before?.attributes ?? freshAttributes(now)),
      modifiedAt: now,
      changedAt: now,
      ...given,
    };
    lastInode += 1;
    const inode = before?.inode ?? lastInode;
    const node: PhoneNode = { sizeBytes: 0, ...part, path, attributes, inode };
    nodes.set(path, node);
    return node;
  };
  const below = (root: string): string[] =>
    [...nodes.keys()]
      .filter((path) => path === root || path.startsWith(`${root === '/' ? '' : root}/`))
      .sort();

  return {
    capacityBytes,
    stat: (path) => nodes.get(path),
    list: (folder) => {
      const prefix = folder === '/' ? '/' : `${folder}/`;
      const names = [...nodes.keys()]
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length));
      return names.filter((name) => name !== '' && !name.includes('/')).sort();
    },
    walk: function* (root) {
      for (const path of below(root)) {
        const node = nodes.get(path);
        if (node) yield node;
      }
    },
    writeFile: (path, content, attributes) => {
      const kept = content instanceof Uint8Array ? inMemory(Uint8Array.from(content)) : content;
      return put(path, { kind: 'file', content: kept, sizeBytes: kept.sizeBytes }, attributes);
    },
    makeFolder: (path, attributes) => put(path, { kind: 'folder' }, attributes),
    makeLink: (path, target, attributes) => put(path, { kind: 'link', target }, attributes),
    rename: (from, to) => {
      for (const path of below(to)) nodes.delete(path);
      for (const path of below(from)) {
        const node = nodes.get(path);
        nodes.delete(path);
        if (node) nodes.set(to + path.slice(from.length), { ...node, path: to + path.slice(from.length) });
      }
    },
    remove: (path) => {
      for (const each of below(path)) nodes.delete(each);
    },
    setAttributes: (path, attributes) => {
      const node = nodes.get(path);
      if (node) nodes.set(path, { ...node, attributes: { ...node.attributes, ...attributes } });
    },
    usedBytes: () => [...nodes.values()].reduce((sum, node) => sum + node.sizeBytes, 0),
    save: async () => {},
  };
}

function freshAttributes(now: number): Required<NodeAttributes> {
  return {
    permissions: 0o755,
    userID: 501,
    groupID: 501,
    modifiedAt: now,
    changedAt: now,
    bornAt: now,
    protectionClass: 3,
    flags: 0,
    extendedAttributes: new Map(),
  };
}

function inMemory(bytes: Uint8Array): FileContent {
  return {
    sizeBytes: bytes.length,
    read: async function* (start = 0) {
      for (let at = start; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
    },
  };
}
