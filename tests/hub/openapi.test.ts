import { CHANGE_HEADER, openApiDocument, ROUTES } from '@rootcellar/api';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HubStage, openHubStage, type Visitor } from './hub-stage.ts';

interface Document extends Record<string, unknown> {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Record<string, Answer>;
  readonly security?: readonly unknown[];
}

interface Answer {
  readonly description: string;
  readonly content?: Record<string, { readonly schema?: object }>;
}

let stage: HubStage;
let ann: Visitor;
let document: Document;
beforeAll(async () => {
  stage = await openHubStage();
  ann = await stage.signInByLink();
  document = (await (await fetch(`${stage.hub.url}/api/openapi.json`)).json()) as Document;
});
afterAll(() => stage.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

describe('the OpenAPI document', () => {
  test('is what the routes say', () => {
    expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument({ version: '0.0.0-test' }))));
    expect(document.openapi).toBe('3.1.0');
    expect(operations()).toHaveLength(ROUTES.length);
  });

  test('names every operation once, and every parameter of its path', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, method, operation } of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(named.map(({ name }) => name).toSorted()).toEqual(inPath.toSorted());
      expect(named.every(({ required }) => required)).toBe(true);
      const headers = (operation.parameters ?? []).filter((parameter) => parameter.in === 'header');
      expect(headers.map(({ name }) => name)).toEqual(method === 'get' ? [] : [CHANGE_HEADER]);
      expect(Object.values(operation.responses).every(({ description }) => description !== '')).toBe(true);
    }
  });

  test('has no reference that leads nowhere', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref ?? '');
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) {
      const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(ref) ?? [];
      expect(Object.keys(document.components.schemas), ref).toContain(name);
    }
  });

  test('is valid, says a validator of OpenAPI 3.1 that is not ours', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const wrong = structuredClone(document);
    Object.assign(wrong.paths['/api/hub']?.['get'] ?? {}, { responses: {} });
    expect(await new Validator().validate(wrong)).toMatchObject({ valid: false });
  });

  test('has schemas that JSON Schema 2020-12 understands, and answers fit them', async () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
    ajv.addVocabulary(['components']);
    const { components } = document;
    const compile = (schema: object) => ajv.compile({ ...schema, components });
    for (const [name, schema] of Object.entries(components.schemas)) {
      expect(() => compile(schema as object), name).not.toThrow();
    }
    let checked = 0;
    for (const { path, method, operation } of operations()) {
      const schema = operation.responses['200']?.content?.['application/json']?.schema;
      if (method !== 'get' || path.includes('{') || schema === undefined) continue;
      const fits = compile(schema);
      const answer: unknown = await (await ann.ask(path)).json();
      expect(fits(answer), `${path}: ${JSON.stringify(fits.errors)}`).toBe(true);
      if (path !== '/api/openapi.json') expect(fits({ nothing: 'of that' }), path).toBe(false);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(6);
  });

  test('describes all that is served, and nothing that is not', async () => {
    for (const { path, method, operation } of operations()) {
      const url = path
        .replace(/\{fileID\}/, '0'.repeat(40))
        .replace('{path}', 'phones')
        .replace(/\{\w+\}/g, 'x');
      if (operation.operationId === 'followEvents' || operation.operationId === 'signOut') continue;
      const answer = await ann.ask(url, { method: method.toUpperCase() });
      const said = await answer.text();
      expect(answer.status, `${method} ${path}`).toBeLessThan(500);
      // Whatever is wrong with the request, it was not the address.
      expect(said, `${method} ${path}`).not.toContain('hub.not-found');
    }
    expect(await (await ann.ask('/api/devices', { method: 'PUT' })).text()).toContain('hub.not-found');
  });

  test('says truly which of them need no session', async () => {
    for (const { path, method, operation } of operations()) {
      const url = path.replace(/\{\w+\}/g, 'x');
      const answer = await fetch(stage.hub.url + url, {
        method: method.toUpperCase(),
        headers: { [CHANGE_HEADER]: '1' },
      });
      await answer.body?.cancel();
      if (operation.security?.length === 0) expect(answer.status, url).not.toBe(401);
      else expect(answer.status, `${method} ${url}`).toBe(401);
    }
  });
});
