import { text_en, formatMessageForArgumentScannerError, ArgumentScannerError, FlagNotFoundError, UnexpectedPositionalError, type ApplicationText } from "@stricli/core";
import { errorText } from "./error-text.ts";
import { FrotaError } from "../spec/error.ts";
import { closestName } from "../spec/suggestion.ts";

/** What a command line that cannot be understood is answered with, in the form of every other error. `command` is what was to run, as `frota rollout undo`. */
export function misuseText(command: string): Pick<ApplicationText, "noCommandRegisteredForInput" | "exceptionWhileParsingArguments"> {
  return {
    noCommandRegisteredForInput: ({ input, corrections }) =>
      told(new FrotaError({ code: "COMMAND_UNKNOWN", message: `${command} has no command ${input}`, next: advice(command.includes(" ") || closestName(input, ["help"]) === undefined ? corrections : ["help"], command), outcome: "usage" })),
    exceptionWhileParsingArguments(error, ansiColor) {
      if (!(error instanceof ArgumentScannerError)) return text_en.exceptionWhileParsingArguments.call(this, error, ansiColor);
      const corrections = error instanceof FlagNotFoundError ? error.corrections.map((name) => `--${inKebabCase(name.replace(/^--/, ""))}`) : meantFlags(error, command);
      return told(new FrotaError({ code: "ARGUMENTS_INVALID", message: messageOf(error), next: advice(corrections, command), outcome: "usage" }));
    },
  };
}

/** Flags whose values are often given without them. */
const VALUES: Readonly<Record<string, string>> = { doctor: "--agent NAME", freeze: "--for SPAN" };

function meantFlags(error: ArgumentScannerError, command: string): readonly string[] {
  const meant = VALUES[command.split(" ").at(-1) ?? ""];
  return error instanceof UnexpectedPositionalError && meant !== undefined ? [meant] : [];
}

function told(error: FrotaError): string {
  return errorText(error).trimEnd();
}

/** As help writes flags: stricli corrects to the name in the code. */
function inKebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Stricli quotes some corrections, and others not. */
function advice(corrections: readonly string[], command: string): string {
  const likely = corrections.map((word) => `\`${word.replaceAll("`", "")}\``).join(" or ");
  return `${likely === "" ? "" : `did you mean ${likely}? All: `}${command} --help`;
}

/** Of arguments only those are repeated that cannot be a password that slipped in. */
function messageOf(error: ArgumentScannerError): string {
  return formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input }) => `there is no flag --${input.replace(/^--/, "")}`,
    AliasNotFoundError: ({ input }) => `there is no flag -${input.replace(/^-/, "")}`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder, exception }) => `${externalFlagNameOrPlaceholder}: ${exception instanceof Error ? exception.message : String(exception)}`,
    EnumValidationError: ({ externalFlagName, input, values }) => `${externalFlagName}: ${input} is none of ${values.join(", ")}`,
    UnsatisfiedFlagError: ({ externalFlagName }) => `--${externalFlagName} needs a value`,
    UnsatisfiedPositionalError: ({ placeholder }) => `<${placeholder}> is missing`,
    UnexpectedPositionalError: ({ expectedCount }) => (expectedCount === 0 ? "the command takes no arguments" : `too many arguments: the command takes ${expectedCount}`),
  });
}
