import { api, type BrowsedFile, urlOf } from '@rootcellar/api';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { Icon } from '../../drawing/icon.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { useLanguage } from '../../words/language.tsx';
import { PHOTO_FILTER } from './file-filter.ts';
import { FilePreview } from './file-preview.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { type Files, useFiles } from './use-files.ts';
import './photos.css';

/** Wanted width of a picture; as many as fit stand in a row. */
const TILE_PX = 150;
const GAP_PX = 4;
const AHEAD_ROWS = 6;

/** Formats that every browser shows; the hub looks into the file before it says so too. */
const SHOWABLE = /\.(?:jpe?g|png|gif|webp)$/i;

/** The camera roll as pictures. Only those in sight are loaded. */
export function PhotoGrid({ browseID }: { readonly browseID: string }) {
  const { words, format } = useLanguage();
  const found = useFiles(browseID, PHOTO_FILTER);
  const [chosen, setChosen] = useState<ReadonlyMap<string, BrowsedFile>>(new Map());
  const [shown, setShown] = useState<number>();
  if (found.error) return <FailureNote error={found.error} />;
  if (found.isPending) return <LoadingText />;
  if (found.files.length === 0) {
    return (
      <div className="stack centred lone">
        <h2>{words.browse.noPhotos}</h2>
        <p className="two">{words.browse.noPhotosText}</p>
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
      <div className="month">
        <h1 className="h2">{words.browse.photos}</h1>
        <span className="cap two num">
          {words.browse.count(format.count(found.total ?? found.files.length))}
        </span>
      </div>
      <Grid browseID={browseID} found={found} chosen={chosen} onToggle={toggle} onShow={setShown} />
      <SelectionBar
        browseID={browseID}
        filter={PHOTO_FILTER}
        chosen={chosen}
        onClear={() => setChosen(new Map())}
      />
      <FilePreview browseID={browseID} files={found.files} at={shown} onMove={setShown} />
    </>
  );
}

interface GridProps {
  readonly browseID: string;
  readonly found: Files;
  readonly chosen: ReadonlyMap<string, BrowsedFile>;
  readonly onToggle: (file: BrowsedFile) => void;
  readonly onShow: (at: number) => void;
}

function Grid({ browseID, found, chosen, onToggle, onShow }: GridProps) {
  const { words } = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const columns = Math.max(2, Math.floor((width + GAP_PX) / (TILE_PX + GAP_PX)));
  const tile = (width - GAP_PX * (columns - 1)) / columns;
  const { files, more } = found;
  const rows = useVirtualizer({
    count: Math.ceil(files.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => tile + GAP_PX,
    overscan: 3,
  });
  const { measure } = rows;
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are of another height when tiles are
  useEffect(() => measure(), [tile, measure]);
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if ((last + AHEAD_ROWS) * columns >= files.length) more();
  }, [last, columns, files.length, more]);
  return (
    <div className="photo-scroll" ref={scroller} tabIndex={0} role="group" aria-label={words.browse.photos}>
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {width > 0 &&
          items.map(({ index, start }) => (
            <div
              key={index}
              className="photo-row"
              style={{
                transform: `translateY(${start}px)`,
                height: tile,
                gridTemplateColumns: `repeat(${columns}, 1fr)`,
              }}
            >
              {files.slice(index * columns, (index + 1) * columns).map((file, at) => (
                <PhotoTile
                  key={file.fileID}
                  browseID={browseID}
                  file={file}
                  isChosen={chosen.has(file.fileID)}
                  onToggle={() => onToggle(file)}
                  onShow={() => onShow(index * columns + at)}
                />
              ))}
            </div>
          ))}
      </div>
    </div>
  );
}

function PhotoTile({
  browseID,
  file,
  isChosen,
  onToggle,
  onShow,
}: {
  readonly browseID: string;
  readonly file: BrowsedFile;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
  readonly onShow: () => void;
}) {
  const { words } = useLanguage();
  const [isBroken, setBroken] = useState(false);
  const name = file.path.split('/').at(-1) ?? '';
  const url = urlOf(api.browse.previewPicture, { params: { browse: browseID, fileID: file.fileID } });
  return (
    <div className={`photo${isChosen ? ' chosen' : ''}`}>
      <button type="button" className="photo-open" aria-label={name} onClick={onShow}>
        {SHOWABLE.test(name) && !isBroken ? (
          <img src={url} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} />
        ) : (
          <span className="photo-name cap two">
            <Icon name="photo" />
            {name}
          </span>
        )}
      </button>
      <button
        type="button"
        className="photo-choose"
        aria-pressed={isChosen}
        aria-label={words.browse.select(name)}
        onClick={onToggle}
      >
        <Icon name="check" small />
      </button>
    </div>
  );
}

function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
