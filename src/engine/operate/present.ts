/** The values that are there: for objects whose optional keys may be absent but never undefined. */
export function present<Values extends Readonly<Record<string, unknown>>>(
  values: Values,
): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  const there: { [Key in keyof Values]?: Exclude<Values[Key], undefined> } = {};
  for (const key in values) if (values[key] !== undefined) Object.assign(there, { [key]: values[key] });
  return there;
}
