import { z } from 'zod';
import { defineRoute } from './route.ts';
import { bytes, count, id, nothing, pageMarker, pageSize, password, text, time } from './words.ts';

/*
 * A look into a backup. It is opened once, with the password if it has one, and stays open for this session as long
 * as it is used, at most fifteen minutes without.
 */

const fileID = z.string().regex(/^[0-9a-f]{40}$/);

export const browsedBackup = z
  .object({
    id,
    backup: id,
    encrypted: z.boolean(),
    /** False for an encrypted one that was opened without its password. */
    isReadable: z.boolean(),
    domains: z.array(z.object({ domain: z.string(), app: z.string().nullable(), files: count })),
  })
  .meta({ id: 'BrowsedBackup' });
export type BrowsedBackup = z.infer<typeof browsedBackup>;

/** A file, folder or link of the phone, with names as the phone spells them: never markup. */
export const browsedFile = z
  .object({
    fileID,
    domain: z.string(),
    path: z.string(),
    kind: z.enum(['file', 'folder', 'link']),
    sizeBytes: bytes,
    modifiedAt: time.nullable(),
  })
  .meta({ id: 'BrowsedFile' });
export type BrowsedFile = z.infer<typeof browsedFile>;

export const openBackup = defineRoute({
  name: 'openBackup',
  method: 'post',
  path: '/api/backups/{id}/open',
  summary: 'Open a backup to look into it',
  params: z.strictObject({ id }),
  body: z.strictObject({ password: password.optional() }),
  status: 201,
  answer: z.object({ browse: browsedBackup }),
});

export const closeBackup = defineRoute({
  name: 'closeBackup',
  method: 'delete',
  path: '/api/browse/{browse}',
  summary: 'Close it again',
  params: z.strictObject({ browse: id }),
  status: 200,
  answer: nothing,
});

export const listFiles = defineRoute({
  name: 'listFiles',
  method: 'get',
  path: '/api/browse/{browse}/files',
  summary: 'Files in the order of domain and path, a page at a time',
  params: z.strictObject({ browse: id }),
  query: z.strictObject({
    domain: text.optional(),
    app: text.optional(),
    /** A pattern for `domain/path`: `*.jpg`, `CameraRollDomain/**`. */
    like: text.optional(),
    /** Only files; default is everything. */
    kind: z.enum(['file', 'folder', 'link']).optional(),
    after: pageMarker.optional(),
    limit: pageSize(200, 1000),
  }),
  status: 200,
  answer: z.object({
    files: z.array(browsedFile),
    next: pageMarker.nullable(),
    /** `null` where only looking at each would tell: with a pattern or a kind. */ total: count.nullable(),
  }),
});

const fileParams = z.strictObject({ browse: id, fileID });

export const downloadFile = defineRoute({
  name: 'downloadFile',
  method: 'get',
  path: '/api/browse/{browse}/files/{fileID}/content',
  summary: 'One file, as it was on the phone; an attachment',
  params: fileParams,
  status: 200,
  answer: { contentType: 'application/octet-stream' },
});

export const previewPicture = defineRoute({
  name: 'previewPicture',
  method: 'get',
  path: '/api/browse/{browse}/files/{fileID}/picture',
  summary: 'A picture that browsers can show: PNG, JPEG, GIF or WebP, told by its content',
  params: fileParams,
  status: 200,
  answer: { contentType: 'image/*' },
});

/** A value of a foreign database, as text. */
const cell = z.string().nullable();

export const preview = z
  .discriminatedUnion('kind', [
    /** To be fetched as `previewPicture`. */
    z.object({ kind: z.literal('picture'), contentType: z.string() }),
    z.object({ kind: z.literal('text'), text: z.string(), isCutShort: z.boolean() }),
    /** As XML, whichever form it had. */
    z.object({ kind: z.literal('property-list'), text: z.string(), isCutShort: z.boolean() }),
    z.object({
      kind: z.literal('database'),
      tables: z.array(
        z.object({ name: z.string(), columns: z.array(z.string()), rows: z.array(z.array(cell)) }),
      ),
    }),
    z.object({ kind: z.literal('none'), reason: z.enum(['unknown-kind', 'too-large', 'damaged', 'empty']) }),
  ])
  .meta({ id: 'Preview' });
export type Preview = z.infer<typeof preview>;

export const previewFile = defineRoute({
  name: 'previewFile',
  method: 'get',
  path: '/api/browse/{browse}/files/{fileID}/preview',
  summary: 'What a file holds, if it is a picture, text, a property list or an SQLite database',
  params: fileParams,
  status: 200,
  answer: z.object({ preview }),
});

/** Our limit: a list of more is a whole domain or app, which has a name. */
const SELECTED_FILES_MAX = 5000;

export const selectFiles = defineRoute({
  name: 'selectFiles',
  method: 'post',
  path: '/api/browse/{browse}/selections',
  summary: 'Choose files to download together',
  params: z.strictObject({ browse: id }),
  body: z.strictObject({
    fileIDs: z.array(fileID).min(1).max(SELECTED_FILES_MAX).optional(),
    domain: text.optional(),
    app: text.optional(),
    like: text.optional(),
  }),
  status: 201,
  answer: z.object({ selection: id, files: count, bytes }),
});

export const downloadSelection = defineRoute({
  name: 'downloadSelection',
  method: 'get',
  path: '/api/browse/{browse}/selections/{selection}/zip',
  summary: 'The chosen files as a zip; an attachment',
  params: z.strictObject({ browse: id, selection: id }),
  status: 200,
  answer: { contentType: 'application/zip' },
});
