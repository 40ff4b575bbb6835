import { api, type BrowsedFile } from '@rootcellar/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { call } from '../../hub/call.ts';
import type { FileFilter } from './file-filter.ts';

const PAGE_FILES = 500;

export interface Files {
  readonly files: readonly BrowsedFile[];
  readonly total: number | null | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly hasMore: boolean;
  /** Asks for the next page, once. */
  readonly more: () => void;
}

/** Files of an opened backup, a page at a time, as far as somebody has scrolled. */
export function useFiles(browseID: string, filter: FileFilter): Files {
  const found = useInfiniteQuery({
    queryKey: ['browse', browseID, 'files', filter],
    queryFn: ({ pageParam }) =>
      call(api.browse.listFiles, {
        params: { browse: browseID },
        query: { ...filter, limit: PAGE_FILES, ...(pageParam !== null && { after: pageParam }) },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    retry: false,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  return {
    files: data?.pages.flatMap(({ files }) => files) ?? [],
    total: data?.pages[0]?.total ?? undefined,
    error: found.error,
    isPending: found.isPending,
    hasMore: hasNextPage,
    more: () => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
    },
  };
}
