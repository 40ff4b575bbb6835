import { Button, UnstyledButton } from '@mantine/core';
import { api, type BrowsedFile, urlOf } from '@rootcellar/api';
import { useMutation } from '@tanstack/react-query';
import { Icon } from '../../drawing/icon.tsx';
import { call } from '../../hub/call.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { useLanguage } from '../../words/language.tsx';
import { downloadFrom } from './download.ts';
import type { FileFilter } from './file-filter.ts';
import './selection-bar.css';

/** What is chosen, and the one thing to do with it. With nothing chosen it offers all that is listed. */
export function SelectionBar({
  browseID,
  filter,
  chosen,
  onClear,
}: {
  readonly browseID: string;
  readonly filter: FileFilter;
  readonly chosen: ReadonlyMap<string, BrowsedFile>;
  readonly onClear: () => void;
}) {
  const { words, format } = useLanguage();
  const { kind: _kind, ...listed } = filter;
  const save = useMutation({
    mutationFn: async () => {
      const body = chosen.size === 0 ? listed : { fileIDs: [...chosen.keys()] };
      const { selection } = await call(api.browse.selectFiles, { params: { browse: browseID }, body });
      downloadFrom(urlOf(api.browse.downloadSelection, { params: { browse: browseID, selection } }));
    },
  });
  const bytes = [...chosen.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <div className="float">
      <span className="num" role="status">
        {chosen.size > 0 && `${words.browse.selected(chosen.size)}, ${format.bytes(bytes)}`}
      </span>
      <Button
        variant={chosen.size > 0 ? 'filled' : 'default'}
        loading={save.isPending}
        onClick={() => save.mutate()}
      >
        {chosen.size > 0 ? words.browse.saveZip : words.browse.saveAllZip}
      </Button>
      {chosen.size > 0 && (
        <UnstyledButton className="icon-button" aria-label={words.browse.clear} onClick={onClear}>
          <Icon name="x" />
        </UnstyledButton>
      )}
      <FailureNote error={save.error} />
    </div>
  );
}
