import { z } from 'zod';
import { defineRoute } from './route.ts';
import { id, nothing, password, text } from './words.ts';

export const person = z
  .object({
    id,
    name: z.string(),
    /** Sees state and sizes of everybody's phones, never content; makes accounts. */
    isOperator: z.boolean(),
    /** Without one, only the link from the terminal signs in. */
    hasPassword: z.boolean(),
  })
  .meta({ id: 'Person' });
export type Person = z.infer<typeof person>;

export const sessionAnswer = z
  .object({
    person: person.nullable(),
    /** Are there simulated phones, and `/api/simulator/*`? */
    hasSimulator: z.boolean(),
  })
  .meta({ id: 'SessionAnswer' });

export const readSession = defineRoute({
  name: 'readSession',
  method: 'get',
  path: '/api/session',
  summary: 'Who is signed in here',
  status: 200,
  answer: sessionAnswer,
  isOpen: true,
});

export const signIn = defineRoute({
  name: 'signIn',
  method: 'post',
  path: '/api/session',
  summary: 'Sign in with a password, or with the one-time code of the link in the terminal',
  body: z.union([z.strictObject({ name: text, password }), z.strictObject({ code: text })]),
  status: 200,
  answer: sessionAnswer,
  isOpen: true,
});

export const signOut = defineRoute({
  name: 'signOut',
  method: 'delete',
  path: '/api/session',
  summary: 'Sign out; the session cannot be used again',
  status: 200,
  answer: nothing,
});

export const listPeople = defineRoute({
  name: 'listPeople',
  method: 'get',
  path: '/api/people',
  summary: 'Everybody with an account; for the operator',
  status: 200,
  answer: z.object({ people: z.array(person) }),
});

/** NIST SP 800-63B-4: at least 8 characters; no rules about kinds. */
const newPassword = z.string().min(8).max(1000).meta({ id: 'NewPassword', format: 'password' });

export const addPerson = defineRoute({
  name: 'addPerson',
  method: 'post',
  path: '/api/people',
  summary: 'Make an account; for the operator',
  body: z.strictObject({ name: text.max(64), password: newPassword }),
  status: 201,
  answer: z.object({ person }),
});

export const changeOwnPassword = defineRoute({
  name: 'changeOwnPassword',
  method: 'put',
  path: '/api/session/password',
  summary: 'Set the password with which one signs in; ends all other sessions',
  body: z.strictObject({
    /** Needed if there is one. */
    oldPassword: password.optional(),
    newPassword,
  }),
  status: 200,
  answer: nothing,
});
