import { seededRandom } from '@rootcellar/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PackedFolder } from './packed-folder.ts';
import { byName, type TreeNode } from './tree-format.ts';

const anyID = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const anyName = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.string({ minLength: 1, unit: 'grapheme' }),
  fc.constantFrom('\ud83d', 'ÿ', 'Ā', '\uffff', '\ue000'),
);
const common = { name: anyName, modifiedAt: fc.date({ noInvalidDate: true }) };
const anyNode: fc.Arbitrary<TreeNode> = fc.oneof(
  fc.record({ kind: fc.constant('folder' as const), ...common, subtree: anyID }),
  fc.record({
    kind: fc.constant('file' as const),
    ...common,
    sizeBytes: fc.maxSafeNat(),
    content: fc.array(anyID, { maxLength: 4 }),
  }),
);

test('gives back every node as it was, by name and in order; of one name the last', () => {
  fc.assert(
    fc.property(fc.array(anyNode, { maxLength: 40 }), (nodes) => {
      const folder = new PackedFolder(nodes);
      const known = new Map(nodes.map((node) => [node.name, node]));
      expect([...folder.nodes()]).toEqual([...known.values()].sort(byName));
      for (const [name, node] of known) expect(folder.get(name)).toEqual(node);
      for (const name of ['', 'nobody is called so', '\udfff'])
        expect(folder.get(name)).toEqual(known.get(name));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('takes little memory', () => {
  const random = seededRandom('folder');
  const hex = (bytes: number) => Buffer.from(random.bytes(bytes)).toString('hex');
  const nodes = Array.from({ length: 1000 }, (): TreeNode => {
    return { kind: 'file', name: hex(20), modifiedAt: new Date(0), sizeBytes: 4000, content: [hex(32)] };
  });
  const folder = new PackedFolder(nodes);
  expect(folder.bytes / nodes.length).toBeLessThan(100);
  expect(folder.get(nodes[500]?.name ?? '')).toEqual(nodes[500]);
});
