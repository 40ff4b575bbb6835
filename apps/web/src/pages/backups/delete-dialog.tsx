import { Button, Modal } from '@mantine/core';
import { api, type BackupSummary } from '@rootcellar/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../hub/call.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { useLanguage } from '../../words/language.tsx';
import { planSentence } from '../../words/told-plan.ts';

interface DeleteProps {
  readonly backup: BackupSummary;
  readonly taken: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

/** Says what deleting frees and what stays; only what was shown is then done. */
export function DeleteDialog({ backup, taken, isOpen, onClose, onDeleted }: DeleteProps) {
  const { words } = useLanguage();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={words.backups.deleteTitle(taken)}
      closeButtonProps={{ 'aria-label': words.shell.close }}
    >
      <DeletePlan backup={backup} onClose={onClose} onDeleted={onDeleted} />
    </Modal>
  );
}

function DeletePlan({ backup, onClose, onDeleted }: Pick<DeleteProps, 'backup' | 'onClose' | 'onDeleted'>) {
  const { words, format, language } = useLanguage();
  const client = useQueryClient();
  const plan = useQuery({
    queryKey: ['delete-plan', backup.id],
    queryFn: () => call(api.backups.planDelete, { params: { id: backup.id } }),
    gcTime: 0,
    retry: false,
  });
  const remove = useMutation({
    mutationFn: (planID: string) =>
      call(api.backups.deleteBackup, { params: { id: backup.id }, query: { plan: planID } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['backups', backup.udid] });
      void client.invalidateQueries({ queryKey: ['devices'] });
      onDeleted();
    },
  });
  if (plan.error) return <FailureNote error={plan.error} />;
  if (plan.data?.plan.kind !== 'delete') return <LoadingText />;
  const { id, freedBytes } = plan.data.plan;
  return (
    <div className="stack loose">
      <p>{planSentence(language, plan.data.plan)}</p>
      <p>
        <b>{words.backups.freed(format.bytes(freedBytes))}</b>
      </p>
      <FailureNote error={remove.error} />
      <div className="actions end">
        <Button onClick={onClose} data-autofocus>
          {words.shell.cancel}
        </Button>
        <Button variant="danger" loading={remove.isPending} onClick={() => remove.mutate(id)}>
          {words.backups.deleteNow}
        </Button>
      </div>
    </div>
  );
}
