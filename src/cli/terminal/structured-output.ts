import type { Output } from "../context.ts";

/** Formats for programs. */
export type OutputFormat = "json" | "yaml";

/** `-o json|yaml` */
export const outputFlag = {
  kind: "enum",
  values: ["json", "yaml"],
  optional: true,
  brief: "Print data for programs",
} as const;

/** Writes data as JSON or YAML. */
export async function writeStructured(data: unknown, format: OutputFormat, stdout: Output): Promise<void> {
  if (format === "json") {
    stdout.write(`${JSON.stringify(data, undefined, 2)}\n`);
    return;
  }
  const { yamlText } = await import("./yaml-text.ts");
  stdout.write(yamlText(data));
}
