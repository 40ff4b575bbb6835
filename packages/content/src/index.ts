export type { DatabaseTable } from './preview/preview-database.ts';
export {
  type FilePreview,
  PICTURE_BYTES_MAX,
  type PictureType,
  pictureType,
  previewFile,
  type ReadContent,
} from './preview/preview-file.ts';
