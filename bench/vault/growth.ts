import { Secret } from '@rootcellar/core';
import { Contents, folderStorage, listSnapshots, openRepository } from '@rootcellar/vault';
import { decodeTree } from '../../packages/vault/src/snapshots/tree-format.ts';
import { KEEPER_PASSWORD } from './programs.ts';

/** Sealed bytes by what they are of. */
export type BytesByKind = ReadonlyMap<string, number>;

/**
 * What each snapshot of a repository needs that the ones before did not have, by kind. Ours and restic's are read alike.
 *
 * @param kindOf of a file, by its name in the backup folder
 */
export async function growthOf(
  store: string,
  kindOf: (name: string) => string,
): Promise<readonly BytesByKind[]> {
  const password = new Secret(KEEPER_PASSWORD);
  const contents = await Contents.open(await openRepository(folderStorage(store), { password }));
  const seen = new Set<string>();
  const grown: BytesByKind[] = [];
  for (const { tree } of await listSnapshots(contents.repository)) {
    const bytes = new Map<string, number>();
    const count = (kind: string, id: string, type: 'data' | 'tree'): boolean => {
      if (seen.has(id)) return false;
      seen.add(id);
      bytes.set(kind, (bytes.get(kind) ?? 0) + (contents.index.get(id, type)?.length ?? 0));
      return true;
    };
    const walk = async (id: string): Promise<void> => {
      if (!count('trees', id, 'tree')) return;
      for (const node of decodeTree(await contents.reader.read(id, 'tree'))) {
        if (node.kind === 'folder') await walk(node.subtree);
        else for (const piece of node.content) count(kindOf(node.name), piece, 'data');
      }
    };
    await walk(tree);
    grown.push(bytes);
  }
  return grown;
}
