import { Checkbox } from '@mantine/core';
import type { BrowsedFile } from '@rootcellar/api';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { Icon, type IconName } from '../../drawing/icon.tsx';
import { useNow } from '../../hub/use-now.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { useLanguage } from '../../words/language.tsx';
import { domainName } from './domain-name.ts';
import type { FileFilter } from './file-filter.ts';
import { FilePreview } from './file-preview.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { type Files, useFiles } from './use-files.ts';
import './files.css';

const ROW_PX = 44;

/** Rows before the end at which the next page is asked for. */
const AHEAD = 60;

const ICON_OF: Readonly<Record<BrowsedFile['kind'], IconName>> = {
  file: 'file',
  folder: 'folder',
  link: 'link',
};

/** Files of any number: only the rows in sight are there. */
export function FileList({ browseID, filter }: { readonly browseID: string; readonly filter: FileFilter }) {
  const { words, format } = useLanguage();
  const found = useFiles(browseID, filter);
  const [chosen, setChosen] = useState<ReadonlyMap<string, BrowsedFile>>(new Map());
  const [shown, setShown] = useState<number>();
  if (found.error) return <FailureNote error={found.error} />;
  if (found.isPending) return <LoadingText />;
  if (found.files.length === 0) {
    return (
      <div className="stack centred lone">
        <h2>{words.browse.nothing}</h2>
        <p className="two">{words.browse.nothingText}</p>
      </div>
    );
  }
  const toggle = (file: BrowsedFile) =>
    setChosen((before) => {
      const after = new Map(before);
      if (!after.delete(file.fileID)) after.set(file.fileID, file);
      return after;
    });
  return (
    <>
      <h1 className="hidden">{words.browse.files}</h1>
      <p className="cap two num" role="status">
        {words.browse.count(format.count(found.total ?? found.files.length))}
      </p>
      <Rows found={found} chosen={chosen} onToggle={toggle} onShow={setShown} />
      <SelectionBar
        browseID={browseID}
        filter={filter}
        chosen={chosen}
        onClear={() => setChosen(new Map())}
      />
      <FilePreview browseID={browseID} files={found.files} at={shown} onMove={setShown} />
    </>
  );
}

interface RowsProps {
  readonly found: Files;
  readonly chosen: ReadonlyMap<string, BrowsedFile>;
  readonly onToggle: (file: BrowsedFile) => void;
  readonly onShow: (at: number) => void;
}

function Rows({ found, chosen, onToggle, onShow }: RowsProps) {
  const { words } = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const { files, hasMore, more, total } = found;
  const rows = useVirtualizer({
    count: hasMore ? files.length + 1 : files.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= files.length - AHEAD) more();
  }, [last, files.length, more]);
  return (
    <div
      className="card file-table"
      role="table"
      aria-rowcount={total ?? files.length}
      aria-label={words.browse.files}
    >
      <div role="rowgroup">
        <div role="row" className="file-row file-head">
          <span role="columnheader">
            <span className="hidden">{words.browse.choose}</span>
          </span>
          <span role="columnheader">{words.browse.name}</span>
          <span role="columnheader" className="r">
            {words.browse.size}
          </span>
          <span role="columnheader" className="file-date">
            {words.browse.changed}
          </span>
        </div>
      </div>
      <div className="file-scroll" ref={scroller} role="rowgroup" tabIndex={0}>
        <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {items.map(({ index, start }) => (
            <FileRow
              key={index}
              file={files[index]}
              index={index}
              top={start}
              chosen={chosen}
              onToggle={onToggle}
              onShow={onShow}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface RowProps extends Pick<RowsProps, 'chosen' | 'onToggle' | 'onShow'> {
  /** Not there yet at the end of what has been loaded. */
  readonly file: BrowsedFile | undefined;
  readonly index: number;
  readonly top: number;
}

function FileRow({ file, index, top, chosen, onToggle, onShow }: RowProps) {
  const { words, format } = useLanguage();
  const now = useNow();
  const place = { height: ROW_PX, transform: `translateY(${top}px)` };
  if (file === undefined) {
    return (
      <div role="row" className="file-row" style={place} aria-rowindex={index + 2}>
        <span />
        <span role="cell" className="two">
          {words.browse.loadingMore}
        </span>
      </div>
    );
  }
  const name = file.path.split('/').at(-1) || domainName(file.domain);
  const folder = [domainName(file.domain), ...file.path.split('/').slice(0, -1)].join(' › ');
  return (
    <div role="row" className="file-row" style={place} aria-rowindex={index + 2}>
      <span role="cell">
        {file.kind === 'file' && (
          <Checkbox
            aria-label={words.browse.select(name)}
            checked={chosen.has(file.fileID)}
            onChange={() => onToggle(file)}
          />
        )}
      </span>
      <span role="cell" className="file-name">
        <Icon name={ICON_OF[file.kind]} small tone={file.kind === 'folder' ? 'touch-c' : 'two'} />
        <span className="grow">
          {file.kind === 'file' ? (
            <button type="button" className="file-open clip" onClick={() => onShow(index)} title={name}>
              {name}
            </button>
          ) : (
            <span className="clip">{name}</span>
          )}
          <span className="cap two clip" title={folder}>
            {folder}
          </span>
        </span>
      </span>
      <span role="cell" className="r num">
        {file.kind === 'file' ? format.bytes(file.sizeBytes) : words.browse[file.kind]}
      </span>
      <span role="cell" className="two file-date">
        {file.modifiedAt ? format.moment(file.modifiedAt, now) : '–'}
      </span>
    </div>
  );
}
