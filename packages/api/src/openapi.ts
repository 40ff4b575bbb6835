import { z } from 'zod';
import { errorAnswer } from './error-answer.ts';
import { hubEvent } from './events.ts';
import { isContent, type Route } from './route.ts';
import { ROUTES } from './routes.ts';

type Json = { [key: string]: unknown };

/** Every changing call needs it: a form of another page cannot send it. */
export const CHANGE_HEADER = 'x-rootcellar';

/**
 * The OpenAPI 3.1 document of the hub, made from its routes.
 *
 * @param options.version of the program
 */
export function openApiDocument(options: { readonly version: string }): Json {
  const components = new Components();
  const paths: Record<string, Json> = {};
  components.schemaOf(hubEvent, 'output');
  for (const route of ROUTES) {
    paths[route.path] ??= {};
    Object.assign(paths[route.path] ?? {}, { [route.method]: operationOf(route, components) });
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Rootcellar hub', version: options.version },
    security: [{ session: [] }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'rootcellar-PORT' },
      },
    },
  };
}

function operationOf(route: Route & { readonly area: string }, components: Components): Json {
  const { name, summary, area, status, answer, params, query, body, isOpen } = route;
  const parameters = [
    ...parametersOf(params, 'path', components),
    ...parametersOf(query, 'query', components),
    ...(route.method === 'get'
      ? []
      : [{ name: CHANGE_HEADER, in: 'header', required: true, schema: { const: '1' } }]),
  ];
  const content = isContent(answer)
    ? { [answer.contentType]: {} }
    : { 'application/json': { schema: components.schemaOf(answer, 'output') } };
  const refused = { 'application/json': { schema: components.schemaOf(errorAnswer, 'output') } };
  return {
    operationId: name,
    summary,
    tags: [area],
    ...(isOpen && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: components.schemaOf(body, 'input') } },
      },
    }),
    responses: {
      [status]: { description: 'Done', content },
      default: { description: 'Refused, with the four facts', content: refused },
    },
  };
}

function parametersOf(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  components: Components,
): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = components.schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

/** Schemas with a name are written once. */
class Components {
  readonly schemas: Record<string, unknown> = {};

  schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
    const { id, ...rest } = own;
    for (const [name, definition] of Object.entries($defs as Json)) this.#keep(name, definition as Json);
    if (typeof id !== 'string') return withComponentRefs(rest) as Json;
    this.#keep(id, rest);
    return { $ref: `#/components/schemas/${id}` };
  }

  #keep(name: string, definition: Json): void {
    const { id: _, ...rest } = definition;
    this.schemas[name] ??= withComponentRefs(rest);
  }
}

/** `#/$defs/Job` → `#/components/schemas/Job` */
function withComponentRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withComponentRefs);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace(/^#\/\$defs\//, '#/components/schemas/')
        : withComponentRefs(inner),
    ]),
  );
}
