import { useMutation, useQueryClient } from '@tanstack/react-query';
import { act, type PhoneState } from './phone-control.ts';

interface Action {
  readonly action: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** Plays the owner; the screen is looked at again at once. */
export function useAct(phone: PhoneState) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ action, body }: Action) => act(phone.udid, action, body),
    onSettled: () => client.invalidateQueries({ queryKey: ['simulator', phone.udid] }),
  });
}
