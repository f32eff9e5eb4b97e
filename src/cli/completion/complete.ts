import { proposeCompletions, type Application } from "@stricli/core";
import type { TypedFlags } from "./completion-proposals.ts";
import type { CliContext } from "../context.ts";

/** What a shell does beyond showing the proposals, numbered as in the protocol of {@link complete}. */
const DIRECTIVE = { noFiles: 4, folders: 16 } as const;

/** The context of a completion, with what stands before the word. */
interface CompletionContext extends CliContext {
  readonly before: readonly string[];
  readonly typed: TypedFlags;
}

type Propose = (this: CompletionContext, partial: string) => Promise<readonly string[]>;

/** A flag or an argument, as far as its proposals depend on it. */
interface Parameter {
  readonly placeholder?: string;
  readonly parse?: (text: string) => unknown;
  /** A {@link Propose}, or what the command itself has. */
  proposeCompletions?: unknown;
}

interface Target {
  getAllEntries?: () => readonly { readonly target: object }[];
  readonly parameters?: {
    readonly flags?: Readonly<Record<string, Parameter>>;
    readonly positional?: Arguments;
  };
}

/** Any number of the same argument, or a list of some. */
interface Arguments {
  readonly parameter?: Parameter;
  readonly parameters?: readonly Parameter[];
}

/** Behind what was typed it counts as a proposal: the shell itself knows the folders. */
const FOLDERS = "\0folders";

const names = () => import("./completion-proposals.ts");

/** What values may be, by the name of their flag. */
const BY_FLAG: Readonly<Record<string, Propose>> = {
  async context() {
    return (await names()).knownContexts(this);
  },
  async namespace() {
    return (await names()).knownNamespaces(this, this.typed);
  },
  async lab() {
    return (await names()).knownLabs(this);
  },
  async purge() {
    return (await names()).knownLabs(this);
  },
  async agent() {
    return (await names()).knownAgents(this, this.typed);
  },
};

/** What values may be, by their placeholder. */
const BY_PLACEHOLDER: Readonly<Record<string, Propose>> = {
  async agent() {
    return (await names()).knownAgents(this, this.typed);
  },
  async dir(partial) {
    return [`${partial}${FOLDERS}`];
  },
  async format() {
    return ["json", "yaml", "name", "wide"];
  },
  async code() {
    const { explainedCodes } = await import("../../spec/catalog/catalog.ts");
    return explainedCodes().map(({ code }) => code);
  },
};

/**
 * Prints what the last of `words`, which may be empty, can become: for each proposal a line with the value, a tab and a description; then `:`
 * and the number of what the shell is to do (4: no files; 16: folders), as kubectl and all that is made with Cobra answer their
 * shells' scripts. Nothing wrong is told: who presses a key wants no error text.
 */
export async function complete(words: readonly string[], application: Application<CliContext>, context: CliContext): Promise<void> {
  const { before, flag, partial } = splitLast(words);
  prepare(application.root);
  const completing: CompletionContext = { ...context, before, typed: typedFlags(before) };
  const proposals = await proposeCompletions(application, [...before, partial], completing);
  const wanted = proposals.filter(({ kind, completion }) => (kind === "argument:flag" ? partial.startsWith("-") : !before.includes(completion)));
  const values = wanted.filter(({ completion }) => !completion.endsWith(FOLDERS));
  // An argument's description would be the same for each of its values.
  const lines = values.map(({ kind, completion, brief }) => (kind === "argument:value" ? `${flag}${completion}` : `${completion}\t${brief}`));
  const directive = values.length < wanted.length ? DIRECTIVE.folders : DIRECTIVE.noFiles;
  context.process.stdout.write(`${[...lines, `:${directive}`].join("\n")}\n`);
}

/** `--output=js` is completed as `--output js` is. */
function splitLast(words: readonly string[]) {
  const before = words.slice(0, -1);
  const partial = words.at(-1) ?? "";
  const [, name, value] = /^(--[a-z][\w-]*)=(.*)$/i.exec(partial) ?? [];
  if (name === undefined || value === undefined) return { before, flag: "", partial };
  return { before: [...before, name], flag: `${name}=`, partial: value };
}

/** The flags among these words that decide where names come from. */
function typedFlags(words: readonly string[]): TypedFlags {
  const value = (...flags: readonly string[]) => {
    const index = words.findIndex((word) => flags.some((flag) => word === flag || word.startsWith(`${flag}=`)));
    const word = index === -1 ? undefined : words[index];
    if (word === undefined) return undefined;
    return word.includes("=") ? word.slice(word.indexOf("=") + 1) : words[index + 1];
  };
  const found = { context: value("--context"), namespace: value("--namespace", "-n"), repo: value("--repo"), lab: value("--lab") };
  return Object.fromEntries(Object.entries(found).filter(([, one]) => one !== undefined));
}

/** Gives parameters without proposals of their own those that their name or placeholder stands for. */
function prepare({ getAllEntries, parameters }: Target): void {
  for (const entry of getAllEntries?.() ?? []) prepare(entry.target);
  for (const [name, flag] of Object.entries(parameters?.flags ?? {})) prepareParameter(flag, BY_FLAG[name]);
  for (const argument of argumentsOf(parameters?.positional ?? {})) prepareParameter(argument);
}

function argumentsOf({ parameter, parameters = [] }: Arguments): readonly Parameter[] {
  return parameter ? [parameter] : parameters;
}

function prepareParameter(parameter: Parameter, byFlag?: Propose): void {
  const [kind = "", ...more] = (parameter.placeholder ?? "").split(" ");
  const propose = byFlag ?? BY_PLACEHOLDER[kind];
  if (!propose || parameter.proposeCompletions) return;
  parameter.proposeCompletions = async function proposeValid(this: CompletionContext, partial: string) {
    const proposals = await propose.call(this, partial);
    // `agent KEY`: the first word is an agent, and what follows it is not known.
    if (more.length > 0 && proposals.some((one) => this.before.includes(one))) return [];
    return proposals.filter((one) => kind !== "format" || isParsed(parameter, one));
  };
}

function isParsed({ parse }: Parameter, text: string): boolean {
  try {
    parse?.(text);
    return true;
  } catch {
    return false;
  }
}
