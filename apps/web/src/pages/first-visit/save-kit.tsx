import { Button } from '@mantine/core';
import { api, urlOf } from '@rootcellar/api';
import { Icon } from '../../drawing/icon.tsx';
import { useLanguage } from '../../words/language.tsx';

/** The page with the key, as a file to be printed. The hub makes it anew each time; nothing of it stays here. */
export function SaveKit({ udid, isPrimary }: { readonly udid: string; readonly isPrimary?: boolean }) {
  const { words } = useLanguage();
  return (
    <div className="actions">
      <Button
        component="a"
        variant={isPrimary ? 'filled' : 'default'}
        href={urlOf(api.devices.downloadRecoveryKit, { params: { udid } })}
        download
        leftSection={<Icon name="print" small />}
      >
        {words.firstVisit.kit.save}
      </Button>
    </div>
  );
}
