import { Button, Modal, NativeSelect } from '@mantine/core';
import { api, type BrowsedFile, type Preview, urlOf } from '@rootcellar/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Icon } from '../../drawing/icon.tsx';
import { call } from '../../hub/call.ts';
import { BreakableName } from '../../parts/breakable-name.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { useLanguage } from '../../words/language.tsx';
import { domainName } from './domain-name.ts';
import './preview.css';

/** One file, large: what it holds if that can be shown, and a way to save it. */
export function FilePreview({
  browseID,
  files,
  at,
  onMove,
}: {
  readonly browseID: string;
  readonly files: readonly BrowsedFile[];
  readonly at: number | undefined;
  readonly onMove: (at: number | undefined) => void;
}) {
  const { words } = useLanguage();
  const file = at === undefined ? undefined : files[at];
  return (
    <Modal
      opened={file !== undefined}
      onClose={() => onMove(undefined)}
      size="xl"
      classNames={{ content: 'preview-dialog', body: 'preview-body' }}
      title={<BreakableName name={file?.path.split('/').at(-1) ?? ''} />}
      closeButtonProps={{ 'aria-label': words.shell.close }}
    >
      {file && at !== undefined && (
        <PreviewedFile browseID={browseID} file={file} files={files} at={at} onMove={onMove} />
      )}
    </Modal>
  );
}

function PreviewedFile({
  browseID,
  file,
  files,
  at,
  onMove,
}: {
  readonly browseID: string;
  readonly file: BrowsedFile;
  readonly files: readonly BrowsedFile[];
  readonly at: number;
  readonly onMove: (at: number | undefined) => void;
}) {
  const { words, format } = useLanguage();
  const params = { browse: browseID, fileID: file.fileID };
  const { data, error } = useQuery({
    queryKey: ['browse', browseID, 'preview', file.fileID],
    queryFn: () => call(api.browse.previewFile, { params }),
    gcTime: 10_000,
    retry: false,
  });
  const beside = (step: 1 | -1) => {
    for (let next = at + step; next >= 0 && next < files.length; next += step)
      if (files[next]?.kind === 'file') return next;
    return undefined;
  };
  const [previous, next] = [beside(-1), beside(1)];
  return (
    <>
      <div className="previewed">
        {error ? (
          <FailureNote error={error} />
        ) : data === undefined ? (
          <LoadingText text={words.browse.looking} />
        ) : (
          <PreviewContent
            preview={data.preview}
            pictureUrl={urlOf(api.browse.previewPicture, { params })}
            name={file.path}
          />
        )}
      </div>
      <p className="cap two">
        <BreakableName name={[domainName(file.domain), file.path].join(' › ')} /> ·{' '}
        {format.bytes(file.sizeBytes)}
      </p>
      <div className="preview-actions">
        <Button disabled={previous === undefined} onClick={() => onMove(previous)}>
          {words.browse.previous}
        </Button>
        <Button disabled={next === undefined} onClick={() => onMove(next)}>
          {words.browse.next}
        </Button>
        <Button
          component="a"
          variant="filled"
          href={urlOf(api.browse.downloadFile, { params })}
          download
          leftSection={<Icon name="download" small />}
        >
          {words.browse.save}
        </Button>
      </div>
    </>
  );
}

function PreviewContent({
  preview,
  pictureUrl,
  name,
}: {
  readonly preview: Preview;
  readonly pictureUrl: string;
  readonly name: string;
}) {
  const { words } = useLanguage();
  if (preview.kind === 'picture')
    return <img className="preview-picture" src={pictureUrl} alt={name.split('/').at(-1) ?? ''} />;
  if (preview.kind === 'database') return <Tables tables={preview.tables} />;
  if (preview.kind === 'none')
    return <p className="two in centred">{words.browse.noPreview[preview.reason]}</p>;
  return (
    <>
      <pre className="preview-text mono" tabIndex={0}>
        {preview.text}
      </pre>
      {preview.isCutShort && <p className="cap two">{words.browse.cutShort}</p>}
    </>
  );
}

function Tables({ tables }: { readonly tables: Extract<Preview, { kind: 'database' }>['tables'] }) {
  const { words } = useLanguage();
  const [name, setName] = useState(tables.toSorted((a, b) => b.rows.length - a.rows.length)[0]?.name ?? '');
  const table = tables.find((other) => other.name === name);
  return (
    <>
      <NativeSelect
        label={words.browse.table}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        data={tables.map((other) => ({
          value: other.name,
          label: `${other.name} (${words.browse.rows(other.rows.length)})`,
        }))}
      />
      {table && table.rows.length > 0 ? (
        <div className="preview-table" tabIndex={0} role="group" aria-label={table.name}>
          <table className="table">
            <thead>
              <tr>
                {table.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows of a foreign table have no name
                <tr key={at}>
                  {row.map((value, column) => (
                    <td key={table.columns[column]}>{value ?? <span className="three">–</span>}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="two">{words.browse.noRows}</p>
      )}
    </>
  );
}
