import { Button } from '@mantine/core';
import { api, type BackupSummary, type Device, urlOf } from '@rootcellar/api';
import { useMutation } from '@tanstack/react-query';
import { Icon } from '../../drawing/icon.tsx';
import { useBackupPasswords } from '../../hub/backup-passwords.tsx';
import { call } from '../../hub/call.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { goTo, linkToDevice } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { downloadFrom } from '../browse/download.ts';

/**
 * All files of a backup, as they were on the phone; a locked one is opened on the browse page first. Or the folder as the
 * phone wrote it, for other programs.
 */
export function SaveAll({ device, backup }: { readonly device: Device; readonly backup: BackupSummary }) {
  const { words } = useLanguage();
  const password = useBackupPasswords().of(device.udid);
  const save = useMutation({
    mutationFn: async () => {
      const { browse } = await call(api.browse.openBackup, {
        params: { id: backup.id },
        body: password === undefined ? {} : { password },
      });
      const { selection } = await call(api.browse.selectFiles, { params: { browse: browse.id }, body: {} });
      downloadFrom(urlOf(api.browse.downloadSelection, { params: { browse: browse.id, selection } }));
    },
  });
  const isLocked = backup.encrypted && password === undefined;
  const open = () => goTo(linkToDevice(device.udid, 'browse', { backup: backup.id }));
  return (
    <>
      <Button
        leftSection={<Icon name="download" small />}
        loading={save.isPending}
        onClick={() => (isLocked ? open() : save.mutate())}
      >
        {words.backups.export}
      </Button>
      <Button
        component="a"
        href={urlOf(api.backups.downloadFolder, { params: { id: backup.id } })}
        download
        leftSection={<Icon name="download" small />}
      >
        {words.backups.exportFolder}
      </Button>
      <FailureNote error={save.error} />
    </>
  );
}
