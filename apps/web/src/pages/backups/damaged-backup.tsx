import type { BackupSummary, Device } from '@rootcellar/api';
import { useBackups } from '../../hub/queries.ts';
import { Note } from '../../parts/note.tsx';
import { verdictOf } from '../../parts/verdict-tag.tsx';
import { goTo, linkToDevice } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { BackUpButton } from '../device/back-up-button.tsx';
import { type OneBackup, useTaken } from './one-backup.ts';

/** What mends a damaged backup, as far as anything can: the iPhone sends everything again. */
export function SendEverythingAgain({ device }: { readonly device: Device }) {
  const { words } = useLanguage();
  return (
    <BackUpButton
      device={device}
      label={words.job.again.everything}
      isFull
      onStarted={() => goTo(linkToDevice(device.udid))}
    />
  );
}

/** On the first page of a phone: nobody should have to look for that. */
export function DamagedNewest({ device, backup }: OneBackup) {
  const { words } = useLanguage();
  const taken = useTaken(backup);
  return (
    <Note tone="danger" title={words.backups.damagedTitle(taken)}>
      <p>{words.backups.verdictText.damaged}</p>
      <div className="actions">
        <SendEverythingAgain device={device} />
      </div>
    </Note>
  );
}

/** The newest backup of a phone, if it was found damaged and nothing has mended it. */
export function useDamagedNewest(udid: string): BackupSummary | undefined {
  const { data: backups = [] } = useBackups(udid);
  const newest = backups.find(isFinished);
  return newest && verdictOf(newest) === 'damaged' ? newest : undefined;
}

/** What is left of one that is damaged or did not finish stands beside it in the list. */
const isFinished = (backup: BackupSummary): boolean =>
  backup.kind !== 'unfinished' && verdictOf(backup) !== 'incomplete';
