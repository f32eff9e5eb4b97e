import * as z from "zod";
import type { ValuePath } from "./yaml-document.ts";

type Schema = z.core.$ZodType;

/** Strips defaults, optionality and transforms: the map, list or scalar beneath. */
function bare(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return bare(schema.def.innerType);
  }
  return schema instanceof z.ZodPipe ? bare(schema.def.in) : schema;
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  const inner = bare(schema);
  return inner instanceof z.ZodObject ? inner.shape : {};
}

function step(schema: Schema, key: string | number): Schema | undefined {
  const inner = bare(schema);
  if (inner instanceof z.ZodArray) return inner.def.element;
  if (inner instanceof z.ZodRecord) return inner.def.valueType;
  return shapeOf(inner)[key];
}

/** The schema of the value at `path`; undefined where there is no such field. */
export function schemaAt(schema: Schema, path: ValuePath): Schema | undefined {
  return path.reduce<Schema | undefined>((current, key) => current && step(current, key), schema);
}

/** The schema of the keys of the map at `path`, whose names are free; undefined for another. */
export function keySchemaAt(schema: Schema, path: ValuePath): Schema | undefined {
  const map = schemaAt(schema, path);
  const inner = map && bare(map);
  return inner instanceof z.ZodRecord ? inner.def.keyType : undefined;
}

/** The names of the fields that may stand in the map at `path`; none when that is not a map of fixed fields. */
export function fieldsAt(schema: Schema, path: ValuePath): string[] {
  const map = schemaAt(schema, path);
  return map ? Object.keys(shapeOf(map)) : [];
}

/** Every map of fixed fields that has a field called `name`, as paths; lists are not searched. */
export function placesOf(schema: Schema, name: string, at: ValuePath = []): ValuePath[] {
  const shape = shapeOf(schema);
  const here = Object.hasOwn(shape, name) ? [at] : [];
  return here.concat(Object.entries(shape).flatMap(([field, inner]) => placesOf(inner, name, [...at, field])));
}
