/**
 * Who may import whom. Whatever is not written here is forbidden.
 *
 * If an arrow is missing, move the code before you add the arrow: `device`, `backup` and `vault` do not know
 * each other, so that only `operations` introduces them; `simulator` never sees `device` or `backup`, so that a
 * misunderstanding of the protocol is not shared by both ends of the wire; `api` and `web` run in a browser.
 *
 * Parts that are not there yet stand here too: the table is a plan as well as a fence.
 */
export const IMPORT_TABLE: ImportTable = {
  'apps/cli': ['core', 'operations', 'hub', 'cloud', 'simulator'],
  'apps/hub': ['core', 'operations', 'api'],
  'apps/cloud': ['core', 'vault', 'api'],
  'apps/web': ['api'],
  'packages/operations': ['core', 'device', 'backup', 'vault', 'content', 'firmware', 'management'],
  'packages/api': [],
  'packages/device': ['core', 'codecs'],
  'packages/backup': ['core', 'codecs'],
  'packages/vault': ['core'],
  'packages/content': ['core', 'backup', 'codecs'],
  'packages/firmware': ['core', 'device', 'codecs'],
  'packages/management': ['core', 'device', 'codecs'],
  'packages/simulator': ['core', 'codecs'],
  'packages/codecs': ['core'],
  'packages/core': [],
};

/** Folder of a part → names of the parts it may import, each as in `@rootcellar/<name>`. */
export type ImportTable = Readonly<Record<string, readonly string[]>>;
