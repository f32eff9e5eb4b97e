import { generateHelpTextForAllCommands, type Application, type CommandContext } from "@stricli/core";
import { application, helpOf } from "../../src/cli/app.ts";
import { heading } from "./page.ts";

// Help reads nothing of a context.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const asAnyContext = application as unknown as Application<CommandContext>;

/** docs/reference/cli.md: the help of every command, as the program prints it. */
export function commandLinePage(): string {
  const sections = generateHelpTextForAllCommands(asAnyContext).map(
    ([route, help]) => `## ${route}\n\n\`\`\`text\n${helpOf(route.split(" ").slice(1), help).trimEnd()}\n\`\`\`\n`,
  );
  return [
    heading("Command line", "the commands in src/cli/commands"),
    "What `frota <command> --help` prints. In a checkout the program is `bin/frota` (or `npx frota`). Data goes to standard",
    "output, messages to standard error; [exit codes](exit-codes.md) and [error codes](errors.md) are stable.",
    "",
    sections.join("\n"),
  ].join("\n");
}
