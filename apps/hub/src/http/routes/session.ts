import { api } from '@rootcellar/api';
import { deleteCookie, setCookie } from 'hono/cookie';
import { hubError } from '../../errors.ts';
import type { Hub } from '../../hub.ts';
import type { NewSession } from '../../sign-in/sign-in.ts';
import type { PersonRecord } from '../../store/people-records.ts';
import { cookieName, isSecure } from '../guards.ts';
import { type HubContext, type HubRouter, serve, serveOpen } from '../serve-route.ts';

/** As long as a session can live; the hub ends it sooner if it is not used. */
const COOKIE_SECONDS = 365 * 24 * 3600;

export function serveSession(router: HubRouter, hub: Hub): void {
  const { signIn } = hub;
  const hasSimulator = hub.simulatorControl !== undefined;

  serveOpen(router, api.session.readSession, (_, context) => {
    const person = context.get('signedIn')?.person;
    return {
      person: person ? personAnswer(person) : null,
      hasSimulator: person !== undefined && hasSimulator,
    };
  });

  serveOpen(router, api.session.signIn, async ({ body }, context) => {
    const { remoteAddress } = context.env;
    const session =
      'code' in body
        ? await signIn.withCode(body.code, context.env)
        : await signIn.withPassword(body.name, body.password, remoteAddress);
    keepSession(context, session);
    return { person: personAnswer(session.person), hasSimulator };
  });

  serve(router, api.session.signOut, async (_, call) => {
    await signIn.signOut(call);
    hub.bus.dismiss(({ sessionID }) => sessionID === call.sessionID);
    deleteCookie(call.context, cookieName(call.context), { path: '/' });
    return {};
  });

  serve(router, api.session.changeOwnPassword, async ({ body }, call) => {
    await signIn.changePassword(call, body);
    const { person } = call;
    hub.bus.dismiss(({ personID, sessionID }) => personID === person.id && sessionID !== call.sessionID);
    return {};
  });

  serve(router, api.session.listPeople, async (_, { person }) => {
    if (!person.isOperator) throw hubError('operator-only');
    return { people: (await signIn.people.all()).map(personAnswer) };
  });

  serve(router, api.session.addPerson, async ({ body }, { person }) => ({
    person: personAnswer(await signIn.addPerson(person, body.name, body.password)),
  }));
}

/** The link in the terminal: an address that a person can open. */
export function serveSignInLink(router: HubRouter, { signIn }: Hub): void {
  router.get('/sign-in/:code', async (context) => {
    const code = context.req.param('code');
    try {
      keepSession(context, await signIn.withCode(code, context.env));
    } catch (error) {
      // Who opens it twice is signed in already, or sees on the page why it does not work.
      if (!hubError.matches(error)) throw error;
      const isUsed = hubError.matches(error, 'link-used');
      return context.redirect(isUsed ? '/?link=used' : '/', 303);
    }
    return context.redirect('/', 303);
  });
}

function keepSession(context: HubContext, { token }: NewSession): void {
  setCookie(context, cookieName(context), token, {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: isSecure(context),
    maxAge: COOKIE_SECONDS,
  });
}

function personAnswer({ id, name, isOperator, password }: PersonRecord) {
  return { id, name, isOperator, hasPassword: password !== null };
}
