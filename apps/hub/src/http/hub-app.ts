import { Hono } from 'hono';
import { hubError } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { errorResponse } from './error-response.ts';
import { limitBody, requireOwnPage, securityHeaders, whoAsks } from './guards.ts';
import { serveBackups } from './routes/backups.ts';
import { serveBrowse } from './routes/browse.ts';
import { serveDevices } from './routes/devices.ts';
import { serveEvents } from './routes/events.ts';
import { serveHub } from './routes/hub.ts';
import { serveJobs } from './routes/jobs.ts';
import { serveLedger } from './routes/ledger.ts';
import { serveSession, serveSignInLink } from './routes/session.ts';
import { serveSimulator } from './routes/simulator.ts';
import type { HubEnvironment } from './serve-route.ts';
import { staticPage } from './static-pages.ts';

/** Everything that the hub answers. Whoever calls has passed the check of `Host` already. */
export function hubApp(hub: Hub): Hono<HubEnvironment> {
  const app = new Hono<HubEnvironment>();
  app.use(securityHeaders);
  app.use(requireOwnPage);
  app.use('/api/*', limitBody);
  app.use('/api/*', whoAsks(hub.signIn));
  serveSignInLink(app, hub);
  for (const serveArea of [
    serveHub,
    serveSession,
    serveDevices,
    serveJobs,
    serveBackups,
    serveBrowse,
    serveLedger,
    serveEvents,
    serveSimulator,
  ]) {
    serveArea(app, hub);
  }
  app.all('/api/*', (context) => {
    // What is there and what is not is nobody's business without a session.
    throw hubError(context.get('signedIn') ? 'not-found' : 'not-signed-in');
  });
  app.get('*', staticPage);
  app.notFound(() => {
    throw hubError('not-found');
  });
  app.onError((error, context) => errorResponse(context, error));
  return app;
}
