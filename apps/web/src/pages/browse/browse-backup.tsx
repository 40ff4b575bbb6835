import { NativeSelect, TextInput } from '@mantine/core';
import type { BackupSummary, BrowsedBackup, Device } from '@rootcellar/api';
import { useEffect, useState } from 'react';
import { Icon } from '../../drawing/icon.tsx';
import { useNow } from '../../hub/use-now.ts';
import { goTo, linkToDevice, type Place } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { type FileFilter, PHOTOS, patternFor } from './file-filter.ts';
import { FileList } from './file-list.tsx';
import { Kinds } from './kinds.tsx';
import { PhotoGrid } from './photo-grid.tsx';

const TYPING_PAUSE_MS = 250;

/** An opened backup: its parts on the left, what is in one of them on the right. */
export function BrowseBackup({
  device,
  browse,
  backups,
  place,
}: {
  readonly device: Device;
  readonly browse: BrowsedBackup;
  readonly backups: readonly BackupSummary[];
  readonly place: Place;
}) {
  const { words, format } = useLanguage();
  const now = useNow();
  const part = place.query.get('part') ?? PHOTOS;
  const [typed, setTyped] = useState('');
  const search = useLate(typed, TYPING_PAUSE_MS);
  const filter: FileFilter = { ...partFilter(part), ...(search !== '' && { like: patternFor(search) }) };
  const show = (query: Record<string, string>) =>
    goTo(linkToDevice(device.udid, 'browse', { backup: browse.backup, part, ...query }));
  return (
    <div className="browse">
      <Kinds device={device} browse={browse} part={part} />
      <main id="main" tabIndex={-1} className="browse-main">
        <div className="browse-tools">
          <NativeSelect
            aria-label={words.browse.backup}
            leftSection={<Icon name="clock" small />}
            value={browse.backup}
            onChange={({ currentTarget }) => show({ backup: currentTarget.value })}
            data={backups.map(({ id, takenAt }) => ({
              value: id,
              label: words.browse.of(takenAt ? format.moment(takenAt, now) : id),
            }))}
          />
          <TextInput
            aria-label={words.browse.search}
            placeholder={words.browse.searchHint}
            leftSection={<Icon name="search" small />}
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </div>
        {part === PHOTOS && search === '' ? (
          <PhotoGrid browseID={browse.id} />
        ) : (
          <FileList key={JSON.stringify(filter)} browseID={browse.id} filter={filter} />
        )}
      </main>
    </div>
  );
}

function partFilter(part: string): FileFilter {
  if (part.startsWith('app:')) return { app: part.slice(4) };
  if (part.startsWith('domain:')) return { domain: part.slice(7) };
  return {};
}

/** The value as it was when it last rested. */
function useLate(value: string, pauseMs: number): string {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return late;
}
