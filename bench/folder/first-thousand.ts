import { openBackup } from '@rootcellar/backup';
import { folderTree } from '@rootcellar/core';

/* Lists the first thousand files of a domain, as a process of its own whose memory can be measured. */

const beganAt = performance.now();
const backup = await openBackup(folderTree(process.argv[2] as string));
const entries = [...backup.manifest.entries({ domain: 'CameraRollDomain', limit: 1000 })];
const seconds = (performance.now() - beganAt) / 1000;
await backup.close();
console.error(`opened and listed ${entries.length} in ${seconds.toFixed(2)} s`);
