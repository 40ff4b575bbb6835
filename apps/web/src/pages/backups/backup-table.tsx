import type { BackupSummary, Device } from '@rootcellar/api';
import { Icon } from '../../drawing/icon.tsx';
import { VerdictTag } from '../../parts/verdict-tag.tsx';
import { goTo, linkToDevice } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { type OneBackup, useTaken } from './one-backup.ts';

/** Every backup, the newest first. On a narrow screen a row keeps three columns and opens the rest. */
export function BackupTable({
  device,
  backups,
  selected,
}: {
  readonly device: Device;
  readonly backups: readonly BackupSummary[];
  readonly selected: string | undefined;
}) {
  const { words } = useLanguage();
  return (
    <section className="card fit">
      <table className="table" aria-label={words.backups.table}>
        <thead>
          <tr>
            <th scope="col">{words.backups.taken}</th>
            <th scope="col" className="r">
              {words.backups.size}
            </th>
            <th scope="col" className="r drop-2">
              {words.backups.added}
            </th>
            <th scope="col">{words.backups.verified}</th>
            <th scope="col" className="drop-1">
              {words.backups.keptAs}
            </th>
          </tr>
        </thead>
        <tbody>
          {backups.map((backup) => (
            <BackupRow key={backup.id} device={device} backup={backup} isSelected={backup.id === selected} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function BackupRow({
  device,
  backup,
  isSelected,
}: OneBackup & {
  readonly isSelected: boolean;
}) {
  const { words, format } = useLanguage();
  const taken = useTaken(backup);
  const link = linkToDevice(device.udid, 'backups', { backup: backup.id });
  return (
    <tr className={isSelected ? 'selected' : undefined} onClick={() => goTo(link)}>
      <td>
        <a className="row-link" href={link} aria-current={isSelected ? 'true' : undefined}>
          {taken}
        </a>
        {backup.kind === 'unfinished' && <span className="cap two block">{words.backups.unfinished}</span>}
      </td>
      <td className="r">{format.bytes(backup.sizeBytes)}</td>
      <td className="r drop-2">
        {backup.addedBytes === null ? (
          <span className="three">{words.backups.unknown}</span>
        ) : (
          format.bytes(backup.addedBytes)
        )}
      </td>
      <td>
        <VerdictTag backup={backup} />
      </td>
      <td className="drop-1">
        <span className="marks">
          {backup.encrypted && <Icon name="lock" small label={words.backups.encrypted} />}
          <Icon name="computer" small label={words.backups.onThisComputer} />
          {backup.archived && (
            <span className="tag">
              <Icon name="pin" small /> {words.backups.archived}
            </span>
          )}
        </span>
      </td>
    </tr>
  );
}
